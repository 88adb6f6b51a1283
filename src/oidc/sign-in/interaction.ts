import type Provider from 'oidc-provider';
import { errors, type InteractionResults } from 'oidc-provider';
import { defineError } from '../../platform/errors.ts';
import type { PageRequest } from '../../platform/http/form-page.ts';
import type { SignInLink } from '../../directory/module.ts';
import { inExchange } from '../provider/carried-interactions.ts';
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

/** The interaction of a page; the provider has looked whether the session that it was begun in is still there. @throws InteractionExpired */
export async function interactionOf(provider: Provider, { params, exchange }: PageRequest): Promise<Interaction> {
  const { req, res } = exchange;
  const interaction = await inExchange(exchange, () => provider.interactionDetails(req, res)).catch(toExpired);
  if (interaction.uid !== params['uid']) throw InteractionExpired();
  return interaction;
}

/** Hands over a result in place of those of the prompts before. Where the browser goes on. @throws InteractionExpired */
export const answerPrompt = (
  provider: Provider,
  request: PageRequest,
  result: InteractionResults,
  { mergeWithLastSubmission = false } = {},
): Promise<string> => {
  const { req, res } = request.exchange;
  return inExchange(request.exchange, () =>
    provider.interactionResult(req, res, result, { mergeWithLastSubmission }),
  ).catch(toExpired);
};

/** It was there when the request began: finished in another window, or ended, since. */
function toExpired(error: unknown): never {
  if (error instanceof errors.SessionNotFound) throw InteractionExpired();
  throw error;
}

/** Hands the result of one prompt to the provider, beside those of the prompts before. @throws InteractionExpired */
export async function finishPrompt(
  provider: Provider,
  request: PageRequest,
  interaction: Interaction,
  result: InteractionResults,
): Promise<string> {
  const login = loginOf(result) ?? (await loginBefore(provider, interaction));
  const results = login ? { ...result, login } : result;
  return answerPrompt(provider, request, results, { mergeWithLastSubmission: true });
}

/** With the session's present mark: a step such as a new password ends every other proof and renews this one. */
async function loginBefore(provider: Provider, interaction: Interaction): Promise<MarkedLogin | undefined> {
  const login = loginOf(interaction.lastSubmission);
  if (!login) return undefined;
  return { ...login, proofMark: (await sessionOf(provider, interaction))?.proofMark };
}

export const addressOf = ({ uid }: { uid: string }) => `/interaction/${uid}`;

/** With `from`, which leads back to the sign-in; the languages that the application asked for go along. */
export function addressOfSignInLink({ path }: SignInLink, interaction: Interaction, from: string): string {
  const asked = uiLocalesOf(interaction);
  return `${path}?${new URLSearchParams({ from, ...(asked ? { ui_locales: asked } : {}) }).toString()}`;
}

export function uiLocalesOf({ params: { ui_locales: asked } }: Interaction): string | undefined {
  return typeof asked === 'string' ? asked : undefined;
}
