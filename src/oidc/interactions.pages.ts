import { errors, type default as Provider, type InteractionResults } from 'oidc-provider';
import { system } from '../base/actor.ts';
import { defineError, isError } from '../base/errors.ts';
import type { Audit } from '../audit/audit.ts';
import type { Application } from '../applications/application.ts';
import { TooManyAttempts } from '../credentials/password.ts';
import type { Credentials } from '../credentials/credentials.ts';
import { REMEMBERED_SECONDS, type Devices } from '../devices/devices.ts';
import type { FormPage, PageReply, PageRequest } from '../http/form-page.ts';
import type { Log } from '../http/log.ts';
import type { ClaimSource, Detour, SignInStep, SignInWay } from '../room.ts';
import { usernameShape, type Person } from '../users/user.ts';
import type { ConsentStore } from './consent.ts';
import { allow, scopesToAsk } from './consent-answer.ts';
import { createStepPages } from './step.pages.ts';

export const InteractionExpired = defineError(
  'invalid',
  'interaction_expired',
  'This sign-in took too long or was finished in another window.',
);

export interface InteractionsOptions {
  provider(): Provider;
  credentials: Pick<Credentials, 'verify'>;
  consents: ConsentStore;
  claims: ClaimSource[];
  steps: SignInStep[];
  ways: SignInWay[];
  detours: Detour[];
  audit: Audit;
  getPerson(id: string): Promise<Person>;
  findPerson(id: string): Promise<Person | undefined>;
  findByUsername(username: string): Promise<Person | undefined>;
  noteSignIn(id: string): Promise<void>;
  /** Makes their browser a known one; what it has to keep for that. */
  welcome: Devices['welcome'];
  findApplication(clientId: string): Promise<Application | undefined>;
  countSignIn(outcome: 'success' | 'failure' | 'limited'): void;
  log: Log;
  now(): Date;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/** The pages of a sign-in: one address, one page for each prompt of the policy, and back to the provider after each. */
export function interactionPages(options: InteractionsOptions): FormPage[] {
  const { provider, credentials, consents, claims, ways, detours, audit, getPerson, findApplication, now } = options;
  const { countSignIn, welcome, findPerson, log } = options;

  async function show(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    const hint = interaction.params['login_hint'];
    const detour = detours.find(({ prompt }) => prompt === interaction.prompt.name);
    if (detour) return { redirect: addressOfDetour(detour, interaction) };
    switch (interaction.prompt.name) {
      case 'login':
        return signInPage(interaction, typeof hint === 'string' ? hint : '');
      case 'consent':
        return consentPage(interaction);
      default:
        return stepPages.show(interaction, request);
    }
  }

  async function signIn(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'login') return { redirect: addressOf(interaction) };
    const { login = '', password = '' } = request.fields;
    if (!login.trim() || !password) return { ...(await signInPage(interaction, login, 'missing')), status: 400 };
    try {
      const { address, cookies } = request;
      const userId = await credentials.verify(login, password, { address, token: cookies['device'] });
      countSignIn(userId ? 'success' : 'failure');
      if (!userId) {
        // Behind the answer: a note about an account takes longer than one about none, and the answer must not.
        void noteFailure(interaction, login, address).catch((err: unknown) =>
          log.error({ err }, 'a failure was not noted'),
        );
        return { ...(await signInPage(interaction, login, 'wrong')), status: 401 };
      }
      const left = await arrive(request, interaction, userId);
      return { ...(await finish(request, { login: { accountId: userId, amr: ['pwd'] } }, false)), cookies: left };
    } catch (error) {
      if (!isError(error, TooManyAttempts)) throw error;
      countSignIn('limited');
      const retryAfter = error.retryAfter ?? 60;
      return {
        ...(await signInPage(interaction, login, 'limited', retryAfter)),
        status: 429,
        retryAfter,
      };
    }
  }

  async function signInBy(way: SignInWay, request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'login') return { redirect: addressOf(interaction) };
    const proof = await way.submit(interaction.uid, request.fields);
    const person = proof && (await findPerson(proof.userId));
    countSignIn(person?.status === 'active' ? 'success' : 'failure');
    if (person?.status !== 'active') return { ...(await signInPage(interaction, '', way.name)), status: 401 };
    const left = await arrive(request, interaction, person.id);
    return { ...(await finish(request, { login: { accountId: person.id, amr: proof!.amr } }, false)), cookies: left };
  }

  async function consent(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'consent') return { redirect: addressOf(interaction) };
    const { grantId, consent: given } = await allow(provider(), interaction);
    await consents.add(given, now());
    return finish(request, { consent: { grantId } }, true);
  }

  async function doStep(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    return stepPages.isStep(interaction)
      ? stepPages.submit(interaction, request)
      : { redirect: addressOf(interaction) };
  }

  async function cancel(request: PageRequest): Promise<PageReply> {
    await detailsOf(request);
    return finish(request, { error: 'access_denied', error_description: 'The person cancelled the sign-in' }, false);
  }

  async function finish(
    { exchange: { req, res } }: PageRequest,
    result: InteractionResults,
    merge: boolean,
  ): Promise<PageReply> {
    return { redirect: await provider().interactionResult(req, res, result, { mergeWithLastSubmission: merge }) };
  }

  async function detailsOf({ params, exchange: { req, res } }: PageRequest): Promise<Interaction> {
    try {
      const interaction = await provider().interactionDetails(req, res);
      if (interaction.uid === params['uid']) return interaction;
    } catch (error) {
      if (!(error instanceof errors.SessionNotFound)) throw error;
    }
    throw InteractionExpired();
  }

  /** They have proved who they are. What to leave in their browser, so that it is known the next time. */
  async function arrive({ address, userAgent, cookies }: PageRequest, interaction: Interaction, userId: string) {
    const person = await getPerson(userId);
    const token = await welcome(person, { token: cookies['device'], userAgent, address });
    await options.noteSignIn(userId);
    const target = { kind: 'user', id: person.id, name: person.username };
    await audit.record({ ...system, ...target, kind: 'person', address }, 'user.signed_in', target, {
      client_id: interaction.params['client_id'],
    });
    return { device: { value: token, maxAgeSeconds: REMEMBERED_SECONDS } };
  }

  /** Whose account it was, if it is one. */
  async function noteFailure({ params }: Interaction, login: string, address: string): Promise<void> {
    const clientId = String(params['client_id']);
    const person = await options.findByUsername(usernameShape.safeParse(login).data ?? '');
    const application = {
      kind: 'application',
      id: clientId,
      name: (await findApplication(clientId))?.name ?? clientId,
    };
    const target = person ? { kind: 'user', id: person.id, name: person.username } : application;
    // Anybody can have tried it. What they typed is not written down: it may be a password.
    await audit.record({ ...system, address }, 'user.sign_in_failed', target, { client_id: clientId });
  }

  async function signInPage(interaction: Interaction, login: string, fault?: string, wait?: number) {
    // Who is signed in and is asked once more needs no other account.
    const known = interaction.session && (await findPerson(interaction.session.accountId));
    const offered = detours.filter(({ prompt }) => !known || !prompt);
    const links = offered.map((detour) => ({ name: detour.name, href: addressOfDetour(detour, interaction) }));
    const other = await Promise.all(
      ways.map(async (way) => ({
        name: way.name,
        action: `${addressOf(interaction)}/with/${way.name}`,
        model: await way.model(interaction.uid),
      })),
    );
    const form = { login: login || (known?.username ?? '') };
    return page('sign-in', interaction, 'login', {
      form,
      isAgain: Boolean(known),
      fault,
      wait,
      detours: links,
      ways: other,
    });
  }

  async function consentPage(interaction: Interaction) {
    const person = await getPerson(interaction.session!.accountId);
    const scopes = scopesToAsk(interaction, claims);
    return page('consent', interaction, 'consent', { username: person.username, scopes });
  }

  async function page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>) {
    const clientId = String(interaction.params['client_id']);
    const application = await findApplication(clientId);
    const { redirect_uri: redirectUri } = interaction.params;
    const person = interaction.session && (await findPerson(interaction.session.accountId));
    return {
      view,
      model: {
        action: `${addressOf(interaction)}/${verb}`,
        cancelAction: `${addressOf(interaction)}/cancel`,
        application: { name: application?.name ?? clientId, homepage: application?.metadata['client_uri'] },
        ...model,
      },
      formTargets: typeof redirectUri === 'string' ? [redirectUri] : [],
      reader: { uiLocales: uiLocalesOf(interaction), locale: person?.locale, timeZone: person?.zoneinfo },
    };
  }

  const stepPages = createStepPages({ ...options, page });

  const base = '/interaction/:uid';
  return [
    { path: base, show },
    { path: `${base}/login`, show: back, submit: signIn },
    ...ways.map((way) => ({
      path: `${base}/with/${way.name}`,
      show: back,
      submit: (request: PageRequest) => signInBy(way, request),
    })),
    { path: `${base}/consent`, show: back, submit: consent },
    { path: `${base}/step`, show: back, submit: doStep },
    { path: `${base}/cancel`, show: back, submit: cancel },
  ];
}

const addressOf = ({ uid }: { uid: string }) => `/interaction/${uid}`;

/** The languages that the application asked for go along. */
function addressOfDetour({ path }: Detour, interaction: Interaction): string {
  const asked = uiLocalesOf(interaction);
  return `${path}?${new URLSearchParams({ from: interaction.uid, ...(asked ? { ui_locales: asked } : {}) }).toString()}`;
}

function uiLocalesOf({ params: { ui_locales: asked } }: Interaction): string | undefined {
  return typeof asked === 'string' ? asked : undefined;
}

/** Somebody reloaded the page of a refused form: show the form again. */
async function back({ params }: PageRequest): Promise<PageReply> {
  return { redirect: addressOf({ uid: params['uid'] ?? '' }) };
}
