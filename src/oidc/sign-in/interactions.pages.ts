import type { FormPage, PageReply, PageRequest } from '../../platform/http/form-page.ts';
import type { ClaimSource, SignInStep } from '../../module.ts';
import type { ConsentStore } from '../consent/consent.ts';
import { allow, scopesToAsk } from '../consent/consent-answer.ts';
import type { MakeGrant } from '../provider/grants.ts';
import {
  addressOf,
  addressOfDetour,
  answerPrompt,
  finishPrompt,
  InteractionExpired,
  toExpired,
  uiLocalesOf,
  type Interaction,
} from './interaction.ts';
import { createSignInPages, type SignInPagesOptions } from './sign-in.pages.ts';
import { createStepPages } from './step.pages.ts';

export interface InteractionsOptions extends Omit<SignInPagesOptions, 'detailsOf' | 'page'> {
  consents: ConsentStore;
  makeGrant: MakeGrant;
  claims: ClaimSource[];
  steps: SignInStep[];
  now(): Date;
}

/** The pages of a sign-in: one address, one page for each prompt of the policy, and back to the provider after each. */
export function interactionPages(options: InteractionsOptions): FormPage[] {
  const { provider, consents, claims, ways, detours, getPerson, findPerson, findApplication, now } = options;

  async function show(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    const hint = interaction.params['login_hint'];
    const detour = detours.find(({ prompt }) => prompt === interaction.prompt.name);
    if (detour) return { redirect: addressOfDetour(detour, interaction) };
    switch (interaction.prompt.name) {
      case 'login':
        return signInPages.show(interaction, typeof hint === 'string' ? hint : '');
      case 'consent':
        return consentPage(interaction);
      default:
        return stepPages.show(interaction, request);
    }
  }

  async function consent(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'consent') return { redirect: addressOf(interaction) };
    const { grantId, consent: given } = await allow(provider(), interaction, options.makeGrant);
    await consents.add(given, now());
    return { redirect: await finishPrompt(provider(), request, interaction, { consent: { grantId } }) };
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

  /** The provider has looked whether the session that it was begun in is still there. @throws InteractionExpired */
  async function detailsOf({ params, exchange: { req, res } }: PageRequest): Promise<Interaction> {
    const interaction = await provider().interactionDetails(req, res).catch(toExpired);
    if (interaction.uid !== params['uid']) throw InteractionExpired();
    return interaction;
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
  const signInPages = createSignInPages({ ...options, detailsOf, page });

  const base = '/interaction/:uid';
  return [
    { path: base, show },
    { path: `${base}/login`, show: back, submit: signInPages.signIn },
    ...ways.map((way) => ({
      path: `${base}/with/${way.name}`,
      show: back,
      submit: (request: PageRequest) => signInPages.signInBy(way, request),
    })),
    { path: `${base}/consent`, show: back, submit: consent },
    { path: `${base}/step`, show: back, submit: doStep },
    { path: `${base}/cancel`, show: back, submit: cancel },
  ];
}

/** A user reloaded the page of a refused form: show the form again. */
async function back({ params }: PageRequest): Promise<PageReply> {
  return { redirect: addressOf({ uid: params['uid'] ?? '' }) };
}
