import type Provider from 'oidc-provider';
import type { PageReply, PageRequest, ViewReply } from '../../platform/http/form-page.ts';
import type { Users } from '../../directory/users/users.ts';
import { hintedUsername, SELECT_ACCOUNT } from './account-choice.ts';
import { addressOf, finishPrompt, type Interaction } from './interaction.ts';

export interface AccountChoicePagesOptions {
  provider(): Provider;
  users: Pick<Users, 'get'>;
  detailsOf(request: PageRequest): Promise<Interaction>;
  /** A view in the frame of its sign-in. */
  page(view: string, interaction: Interaction, verb: string, model: Record<string, unknown>): Promise<ViewReply>;
}

/** The prompt `select_account`. The session stays until somebody has signed in with another account. */
export function createAccountChoicePages({ provider, users, detailsOf, page }: AccountChoicePagesOptions) {
  async function show(interaction: Interaction): Promise<ViewReply> {
    const { username, firstName, lastName } = await users.get(interaction.session!.accountId);
    const hinted = hintedUsername(interaction.params['login_hint']);
    return page('select-account', interaction, 'account', {
      username,
      name: [firstName, lastName].filter(Boolean).join(' ') || username,
      hinted: hinted === username ? undefined : hinted,
    });
  }

  async function submit(request: PageRequest): Promise<PageReply> {
    const interaction = await detailsOf(request);
    const { choice } = request.fields;
    const isChoice = choice === 'continue' || choice === 'another';
    if (interaction.prompt.name !== SELECT_ACCOUNT || !isChoice) return { redirect: addressOf(interaction) };
    const result = { [SELECT_ACCOUNT]: { another: choice === 'another' } };
    return { redirect: await finishPrompt(provider(), request, interaction, result) };
  }

  return { show, submit };
}
