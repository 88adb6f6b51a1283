import type Provider from 'oidc-provider';
import { errors, type InteractionResults } from 'oidc-provider';
import { defineError } from '../../platform/errors.ts';
import type { PageRequest } from '../../platform/http/form-page.ts';
import type { SignInLink } from '../../directory/module.ts';
import { loginOf, type Marked, type MarkedLogin } from '../sessions/proof-marks.ts';

export const InteractionExpired = defineError(
  'invalid',
  'interaction_expired',
  'This sign-in has expired, was completed in another window, or was ended.',
);

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;
export type MarkedSession = NonNullable<Awaited<ReturnType<Provider['Session']['findByUid']>>> & Marked;

/** The session that an interaction was begun in; undefined when there was none, or it has ended. */
export async function sessionOf(provider: Provider, { session }: Interaction): Promise<MarkedSession | undefined> {
  const found = session?.uid ? await provider.Session.findByUid(session.uid) : undefined;
  return found?.accountId === session?.accountId ? found : undefined;
}

/** Hands over a result in place of those of the prompts before. Where the browser goes on. @throws InteractionExpired */
export const answerPrompt = (
  provider: Provider,
  { exchange: { req, res } }: PageRequest,
  result: InteractionResults,
): Promise<string> => provider.interactionResult(req, res, result, { mergeWithLastSubmission: false }).catch(toExpired);

/** It was there when the request began: finished in another window, or ended, since. */
export function toExpired(error: unknown): never {
  if (error instanceof errors.SessionNotFound) throw InteractionExpired();
  throw error;
}

/** Hands the result of one prompt to the provider, beside those of the prompts before. @throws InteractionExpired */
export async function finishPrompt(
  provider: Provider,
  { exchange: { req, res } }: PageRequest,
  interaction: Interaction,
  result: InteractionResults,
): Promise<string> {
  const login = loginOf(result) ?? (await loginBefore(provider, interaction));
  const results = login ? { ...result, login } : result;
  return provider.interactionResult(req, res, results, { mergeWithLastSubmission: true }).catch(toExpired);
}

/** With the session's present mark: a step such as a new password ends every other proof and renews this one. */
async function loginBefore(provider: Provider, interaction: Interaction): Promise<MarkedLogin | undefined> {
  const login = loginOf(interaction.lastSubmission);
  if (!login) return undefined;
  return { ...login, proofMark: (await sessionOf(provider, interaction))?.proofMark };
}

export const addressOf = ({ uid }: { uid: string }) => `/interaction/${uid}`;

/** The languages that the application asked for go along. */
export function addressOfSignInLink({ path }: SignInLink, interaction: Interaction): string {
  const asked = uiLocalesOf(interaction);
  return `${path}?${new URLSearchParams({ from: interaction.uid, ...(asked ? { ui_locales: asked } : {}) }).toString()}`;
}

export function uiLocalesOf({ params: { ui_locales: asked } }: Interaction): string | undefined {
  return typeof asked === 'string' ? asked : undefined;
}
