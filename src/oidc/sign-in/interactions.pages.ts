import type Provider from 'oidc-provider';
import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Contributions, Hooks } from '../../directory/module.ts';
import type { ApplicationLogos } from '../../directory/application-logos/application-logos.ts';
import type { Application } from '../../directory/applications/application.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Credentials } from '../../authentication/credentials/credentials.ts';
import type { Devices } from '../../authentication/known-devices/known-devices.ts';
import type { FindUser } from '../provider/request-users.ts';
import type { ConsentStore } from '../consent/consent.ts';
import { createConsentPages } from '../consent/consent.pages.ts';
import type { MakeGrant } from '../provider/grants.ts';
import { isError } from '../../platform/errors.ts';
import { applicationOfSignIn, entranceOf, rememberSignIn } from './ended-interaction.ts';
import { SELECT_ACCOUNT } from './account-choice.ts';
import { createAccountChoicePages } from './account-choice.pages.ts';
import {
  addressOf,
  addressOfSignInLink,
  answerPrompt,
  InteractionExpired,
  interactionOf,
  uiLocalesOf,
  type Interaction,
} from './interaction.ts';
import { createSignInPages } from './sign-in.pages.ts';
import type { SignInTickets } from './return-to-sign-in.ts';
import { createStepPages } from './step.pages.ts';

export interface InteractionsOptions {
  provider(): Provider;
  contributions: Contributions;
  consents: ConsentStore;
  makeGrant: MakeGrant;
  ticketFor: SignInTickets['ticketFor'];
  credentials: Pick<Credentials, 'verify'>;
  devices: Pick<Devices, 'rememberDevice'>;
  audit: Audit;
  users: Users;
  findUser: FindUser;
  applications: Pick<Applications, 'find'>;
  logos: Pick<ApplicationLogos, 'addressOf'>;
  onSignIn: Hooks['onSignIn'];
  now: Clock;
  log: Log;
  issuer: string;
}

/** The pages of a sign-in: one address, one page for each prompt of the policy, and back to the provider after each. */
export function interactionPages(options: InteractionsOptions): FormPage[] {
  const { provider, contributions, users, findUser, applications, logos, audit, ticketFor } = options;

  async function show(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    const reply = await showPrompt(request, interaction);
    const clientId = String(interaction.params['client_id']);
    const remembered = rememberSignIn(request.cookies, { uid: interaction.uid, clientId });
    return { ...reply, cookies: { ...remembered, ...reply.cookies } };
  }

  async function showPrompt(request: PageRequest, interaction: Interaction): Promise<PageReply> {
    const hint = interaction.params['login_hint'];
    const signInLink = contributions.signInLinks.find(({ prompt }) => prompt === interaction.prompt.name);
    if (signInLink) return { redirect: addressOfSignInLink(signInLink, interaction, ticketFor(interaction)) };
    switch (interaction.prompt.name) {
      case 'login':
        return signInPages.show(interaction, typeof hint === 'string' ? hint : '');
      case SELECT_ACCOUNT:
        return accountChoicePages.show(interaction);
      case 'consent':
        return consentPages.show(interaction);
      default:
        return stepPages.show(interaction, request);
    }
  }

  async function doStep(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    return stepPages.isStep(interaction)
      ? stepPages.submit(interaction, request)
      : { redirect: addressOf(interaction) };
  }

  async function cancel(request: PageRequest): Promise<PageReply> {
    await detailsOf(request);
    const error = { error: 'access_denied', error_description: 'The user cancelled the sign-in' };
    return { redirect: await answerPrompt(provider(), request, error) };
  }

  const detailsOf = (request: PageRequest): Promise<Interaction> => interactionOf(provider(), request);

  /** With a way on where the sign-in has ended: someone went back to it, or has bookmarked it. */
  const orEnded = (handle: (request: PageRequest) => Promise<PageReply>) => async (request: PageRequest) => {
    try {
      return await handle(request);
    } catch (error) {
      if (!isError(error, InteractionExpired)) throw error;
      return endedPage(request);
    }
  };

  async function endedPage({ params, cookies }: PageRequest): Promise<PageReply> {
    const clientId = applicationOfSignIn(cookies, params['uid'] ?? '');
    const application = clientId === undefined ? undefined : await applications.find(clientId);
    const href = application && entranceOf(application, options.issuer);
    const wayOn = href ? { href, name: application.name } : undefined;
    const { code } = InteractionExpired;
    return { view: 'error', model: { status: 400, code, wayOn, returnTo: undefined }, status: 400 };
  }

  async function page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>) {
    const clientId = String(interaction.params['client_id']);
    const application = await applications.find(clientId);
    const { redirect_uri: redirectUri } = interaction.params;
    const user = interaction.session && (await findUser(interaction.session.accountId));
    return {
      view,
      model: {
        action: `${addressOf(interaction)}/${verb}`,
        cancelAction: `${addressOf(interaction)}/cancel`,
        application: {
          name: application?.name ?? clientId,
          ...(application ? { logo: await logos.addressOf(application), ...linksOf(application) } : {}),
        },
        ...model,
      },
      formTargets: typeof redirectUri === 'string' ? [redirectUri] : [],
      reader: { uiLocales: uiLocalesOf(interaction), locale: user?.locale, timeZone: user?.zoneinfo },
    };
  }

  const consentPages = createConsentPages({
    provider,
    contributions,
    consents: options.consents,
    makeGrant: options.makeGrant,
    users,
    now: options.now,
    detailsOf,
    page,
  });
  const accountChoicePages = createAccountChoicePages({ provider, users, detailsOf, page });
  const stepPages = createStepPages({ provider, contributions, audit, users, applications, page });
  const signInPages = createSignInPages({
    provider,
    contributions,
    credentials: options.credentials,
    devices: options.devices,
    audit,
    users,
    findUser,
    applications,
    onSignIn: options.onSignIn,
    log: options.log,
    detailsOf,
    ticketFor,
    page,
  });

  const base = '/interaction/:uid';
  return [
    { path: base, show: orEnded(show) },
    { path: `${base}/login`, show: back, submit: orEnded(signInPages.signIn) },
    { path: `${base}/with/:method`, show: back, submit: orEnded(signInPages.signInBy) },
    { path: `${base}/account`, show: back, submit: orEnded(accountChoicePages.submit) },
    { path: `${base}/consent`, show: back, submit: orEnded(consentPages.submit) },
    { path: `${base}/step`, show: back, submit: orEnded(doStep) },
    { path: `${base}/cancel`, show: back, submit: orEnded(cancel) },
  ];
}

/** Where an application says more about itself, for users who sign in to it. */
function linksOf({ metadata }: Application): Record<'homepage' | 'policy' | 'terms', string | undefined> {
  const link = (field: string) => {
    const uri = metadata[field];
    return typeof uri === 'string' && /^https?:\/\//i.test(uri) ? uri : undefined;
  };
  return { homepage: link('client_uri'), policy: link('policy_uri'), terms: link('tos_uri') };
}

/** A user reloaded the page of a refused form: show the form again. */
async function back({ params }: PageRequest): Promise<PageReply> {
  return { redirect: addressOf({ uid: params['uid'] ?? '' }) };
}
