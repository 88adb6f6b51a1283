import { interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import type { Detour, SignInStep } from '../room.ts';
import type { PersonAccount } from './account.ts';

const { base, Check, Prompt } = interactionPolicy;

/**
 * The dispatcher of the sign-in: before every authorization it asks, in this order, whether the person must sign in, has
 * a step of some room to do, or must consent; the first that says yes gets its page, and then all are asked again.
 */
export function signInPolicy(steps: SignInStep[], detours: Detour[]): interactionPolicy.DefaultPolicy {
  const policy = base();
  policy.get('login')?.checks.add(accountIsGone());
  steps.forEach((step, index) => policy.add(toPrompt(step), 1 + index));
  // Asked first: who is sent to make an account need not sign in before, nor be nobody yet.
  for (const { prompt } of detours) if (prompt) policy.add(new Prompt({ name: prompt, requestable: true }), 0);
  return policy;
}

// A session can outlive its person by the blink of an eye; without an account the later checks would have nothing to ask.
function accountIsGone(): interactionPolicy.Check {
  return new Check(
    'account_gone',
    'The account of this session is gone or disabled',
    'login_required',
    (ctx: KoaContextWithOIDC) =>
      ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
  );
}

function toPrompt(step: SignInStep): interactionPolicy.Prompt {
  const check = new Check(
    `${step.name}_needed`,
    `The step ${step.name} is not done`,
    'interaction_required',
    async (ctx: KoaContextWithOIDC) => {
      const account = ctx.oidc.account as PersonAccount | undefined;
      return account && (await step.isNeeded(account.person)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    },
  );
  return new Prompt({ name: step.name, requestable: false }, check);
}
