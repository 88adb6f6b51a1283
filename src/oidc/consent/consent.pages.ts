import type Provider from 'oidc-provider';
import type { Contributions } from '../../directory/module.ts';
import type { Clock } from '../../platform/clock.ts';
import type { PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import type { Users } from '../../directory/users/users.ts';
import type { MakeGrant } from '../provider/grants.ts';
import { addressOf, finishPrompt, type Interaction } from '../sign-in/interaction.ts';
import { allow, scopesToAsk } from './consent-answer.ts';
import type { ConsentStore } from './consent.ts';

export interface ConsentPagesOptions {
  provider(): Provider;
  contributions: Pick<Contributions, 'claimSources'>;
  consents: ConsentStore;
  makeGrant: MakeGrant;
  users: Pick<Users, 'get'>;
  now: Clock;
  detailsOf(request: PageRequest): Promise<Interaction>;
  /** A view in the frame of its sign-in. */
  page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>): Promise<ViewReply>;
}

/** The prompt `consent`: the user allows an application to receive what it asks for. */
export function createConsentPages(options: ConsentPagesOptions) {
  const { provider, contributions, consents, makeGrant, users, now, detailsOf, page } = options;

  async function show(interaction: Interaction): Promise<ViewReply> {
    const user = await users.get(interaction.session!.accountId);
    const scopes = scopesToAsk(interaction, contributions.claimSources);
    return page('consent', interaction, 'consent', { username: user.username, scopes });
  }

  async function submit(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    if (interaction.prompt.name !== 'consent') return { redirect: addressOf(interaction) };
    const { grantId, consent } = await allow(provider(), interaction, makeGrant);
    await consents.add(consent, now());
    return { redirect: await finishPrompt(provider(), request, interaction, { consent: { grantId } }) };
  }

  return { show, submit };
}
