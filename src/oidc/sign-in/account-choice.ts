import { interactionPolicy, type InteractionResults, type KoaContextWithOIDC } from 'oidc-provider';
import { usernameShape } from '../../directory/users/user.ts';
import type { UserAccount } from '../claims/account.ts';

const { Check, Prompt } = interactionPolicy;

/** The value of `prompt`, and the name of its result. */
export const SELECT_ACCOUNT = 'select_account';
/** Why the prompt `login` comes after the choice of another account. */
export const ANOTHER_ACCOUNT = 'another_account';

interface AccountChoice {
  /** They want to sign in with another account than that of the session. */
  another: boolean;
}

export const choiceOf = (result: InteractionResults | undefined): AccountChoice | undefined =>
  // A cast, because only the page of this prompt gives such a result.
  result?.[SELECT_ACCOUNT] as AccountChoice | undefined;

/** The user whom a request hints at (OpenID Connect Core 3.1.2.1), if it is a username. */
export const hintedUsername = (hint: unknown): string | undefined => usernameShape.safeParse(hint).data;

/**
 * The prompt `select_account`: with which account to go on, the one of the session or another. Also asked where the request
 * hints at another user than the one who is signed in; with `prompt=none`, the answer is `account_selection_required` then.
 * Nobody is asked without a session, or after signing in for this request: the sign-in page has taken any account.
 */
export function selectAccount(): interactionPolicy.Prompt {
  const prompt = new Prompt({ name: SELECT_ACCOUNT, requestable: true });
  // In its place comes one that knows about sessions.
  prompt.checks.clear();
  const error = 'account_selection_required';
  prompt.checks.add(
    new Check('select_account_prompt', 'The user must choose an account', error, (ctx: KoaContextWithOIDC) =>
      isOpen(ctx) && ctx.oidc.prompts.has(SELECT_ACCOUNT) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
    ),
  );
  prompt.checks.add(
    new Check(
      'login_hint_differs',
      'Another user than the hinted one is signed in',
      error,
      (ctx: KoaContextWithOIDC) =>
        isOpen(ctx) && !ctx.oidc.prompts.has('login') && hintsAtAnother(ctx)
          ? Check.REQUEST_PROMPT
          : Check.NO_NEED_TO_PROMPT,
    ),
  );
  return prompt;
}

/** For the prompt `login`: the account of the session will not do. */
export function anotherAccount(): interactionPolicy.Check {
  return new Check(ANOTHER_ACCOUNT, 'The user wants to use another account', 'login_required', ({ oidc }) =>
    choiceOf(oidc.result)?.another && !oidc.result?.login ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT,
  );
}

function isOpen({ oidc }: KoaContextWithOIDC): boolean {
  return oidc.account !== undefined && !oidc.result?.login && !choiceOf(oidc.result);
}

function hintsAtAnother({ oidc }: KoaContextWithOIDC): boolean {
  const hinted = hintedUsername(oidc.params?.['login_hint']);
  return hinted !== undefined && hinted !== (oidc.account as UserAccount).user.username;
}
