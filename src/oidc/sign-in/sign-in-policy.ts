import { errors, interactionPolicy, type KoaContextWithOIDC } from 'oidc-provider';
import { fulfils } from '../../platform/assurance.ts';
import type { Contributions, SignInStep } from '../../directory/module.ts';
import { anotherAccount, selectAccount } from './account-choice.ts';
import type { Situations } from './situations.ts';

const { base, Check, Prompt } = interactionPolicy;

export interface PolicyOptions {
  contributions: Pick<Contributions, 'signInSteps' | 'signInLinks'>;
  situations: Situations;
}

/**
 * The dispatcher of the sign-in. Before every authorization it checks, in this order, whether the user must choose an
 * account, sign in, complete a step of some module, or consent. The first one that is needed gets its page, and then all are checked
 * again.
 */
export function signInPolicy({ contributions, situations }: PolicyOptions): interactionPolicy.DefaultPolicy {
  const policy = base();
  const login = policy.get('login')!;
  login.checks.add(accountIsGone());
  login.checks.add(anotherAccount());
  // They compare strings, and would ask for the password again and again; the steps know what includes what.
  login.checks.remove('essential_acr');
  login.checks.remove('essential_acrs');
  const prompts = [...contributions.signInSteps.map((step) => toPrompt(step, situations)), assurance(situations)];
  prompts.forEach((prompt, index) => policy.add(prompt, 1 + index));
  policy.add(selectAccount(), 0);
  // Asked first: who is sent to make an account need not sign in before, nor be nobody yet.
  for (const { prompt } of contributions.signInLinks)
    if (prompt) policy.add(new Prompt({ name: prompt, requestable: true }), 0);
  return policy;
}

// A session can outlive its user by the blink of an eye; without an account the later checks would have nothing to ask.
function accountIsGone(): interactionPolicy.Check {
  return new Check(
    'account_gone',
    'The account of this session was deleted or disabled',
    'login_required',
    (ctx: KoaContextWithOIDC) =>
      ctx.oidc.session?.accountId !== undefined && ctx.oidc.account === undefined
        ? Check.REQUEST_PROMPT
        : Check.NO_NEED_TO_PROMPT,
  );
}

function toPrompt(step: SignInStep, situations: Situations): interactionPolicy.Prompt {
  const check = new Check(
    `${step.name}_needed`,
    `The sign-in step ${step.name} is required`,
    step.error ?? 'interaction_required',
    async (ctx: KoaContextWithOIDC) => {
      const known = await situations.of(ctx);
      if (!known || !(await step.isNeeded(known))) return Check.NO_NEED_TO_PROMPT;
      const situation = await situations.afresh(ctx);
      return situation && (await step.isNeeded(situation)) ? Check.REQUEST_PROMPT : Check.NO_NEED_TO_PROMPT;
    },
  );
  return new Prompt({ name: step.name, requestable: false }, check);
}

// OpenID Connect Core Error Code unmet_authentication_requirements 1.0: the steps have done what they can.
function assurance(situations: Situations): interactionPolicy.Prompt {
  const check = new Check(
    'assurance_unmet',
    'The requested ACR could not be obtained',
    'unmet_authentication_requirements',
    async (ctx: KoaContextWithOIDC) => {
      const situation = await situations.of(ctx);
      if (situation?.requestedAcr.isEssential && !fulfils(situation.amr, situation.requestedAcr))
        throw new errors.UnmetAuthenticationRequirements('none of the requested ACRs could be obtained');
      return Check.NO_NEED_TO_PROMPT;
    },
  );
  return new Prompt({ name: 'assurance', requestable: false }, check);
}
