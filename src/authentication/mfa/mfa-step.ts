import { Assurance } from '../../platform/assurance.ts';
import { themselves } from '../../platform/actor.ts';
import { isError } from '../../platform/errors.ts';
import { TooManyAttempts, type RequestLimits } from '../credentials/password.ts';
import type { SignInStep, StepReply, StepVisit } from '../../directory/module.ts';
import type { CodeLimits } from './code-limits.ts';
import { REMEMBERED, type Demand, type Need } from './mfa-requirement.ts';
import type { Factors } from './factors.ts';
import type { MailCodes } from './email-otp.ts';
import type { Passkeys } from './passkeys.ts';
import type { RecoveryCodeBook } from './recovery-codes.ts';
import type { TrustedDevices } from './trusted-devices.ts';
import type { Totp } from './totp.ts';

export interface SecondFactorOptions {
  demand: Demand;
  factors: Factors;
  totp: Totp;
  passkeys: Passkeys;
  recoveryCodes: RecoveryCodeBook;
  mailCodes: MailCodes;
  devices: TrustedDevices;
  limits: CodeLimits;
  /** How often codes are sent. */
  sendLimits: RequestLimits;
}

type Method = 'passkey' | 'totp' | 'recovery' | 'mail';
type Proving = Extract<Need, { step: 'prove' }>;

/**
 * Users with a factor use it. An email one-time code only proves access to the mailbox, which is also enough to reset
 * the password; so it counts as a code (`otp`), and not as another factor (`mfa`).
 */
export function secondFactorStep(options: SecondFactorOptions): SignInStep {
  const { demand, factors, totp, passkeys, recoveryCodes, mailCodes, devices, limits, sendLimits } = options;

  async function model(visit: StepVisit): Promise<Record<string, unknown>> {
    const need = await demand.assess(visit);
    if (need.step !== 'prove') return {};
    const methods = methodsOf(need);
    const wanted = visit.fields['method'] ?? visit.query['with'];
    const method = methods.find((each) => each === wanted) ?? methods[0];
    const options = method === 'passkey' ? await passkeys.assertionOptions(visit.signInId, visit.user) : undefined;
    return {
      username: visit.user.username,
      method,
      others: methods.filter((each) => each !== method),
      passkey: options && JSON.stringify(options),
      // What an application wants to be sure of every time is not worth remembering.
      rememberDays: need.goal < Assurance.multi || isHabit(visit) ? devices.days : 0,
      isSent: false,
    };
  }

  async function submit(visit: StepVisit): Promise<StepReply> {
    const need = await demand.assess(visit);
    const method = visit.fields['method'];
    if (need.step !== 'prove' || !methodsOf(need).some((each) => each === method))
      return { faults: { code: 'missing' } };
    try {
      if (method === 'mail' && visit.fields['send']) return await sendCode(visit);
      const reply = await provers[method as Method](visit);
      return reply.proved && !need.byMail ? { ...reply, ...(await rememberIfAsked(visit)) } : reply;
    } catch (error) {
      if (!isError(error, TooManyAttempts)) throw error;
      return { retryAfter: error.retryAfter ?? 60 };
    }
  }

  const provers: Record<Method, (visit: StepVisit) => Promise<StepReply>> = {
    async passkey({ signInId, fields, user }) {
      const assertion = await passkeys.verify(signInId, fields['passkey'] ?? '', user);
      return assertion ? { proved: ['pop', 'user', 'mfa'] } : { faults: { passkey: 'refused' } };
    },

    totp: (visit) => tryCode(visit, async ({ user }, code) => (await totp.use(user.id, code)) && ['otp', 'mfa']),

    recovery: (visit) =>
      tryCode(visit, async ({ user, address }, code) => {
        const left = await recoveryCodes.use(user.id, code);
        if (left === undefined) return false;
        await factors.noteRecovery(themselves(user, address), user, left);
        return ['otp', 'mfa'];
      }),

    mail: (visit) => tryCode(visit, async ({ user }, code) => (await mailCodes.use(user.id, code)) && ['otp']),
  };

  /** Every try counts before it is made. */
  async function tryCode(
    visit: StepVisit,
    use: (visit: StepVisit, code: string) => Promise<string[] | false>,
  ): Promise<StepReply> {
    const { user, fields, address } = visit;
    const code = (fields['code'] ?? '').trim();
    const again = fields['method'] === 'mail' ? { more: { isSent: true } } : {};
    if (!code) return { faults: { code: 'missing' }, ...again };
    const { isLast } = await limits.begin(user.id);
    const proved = await use(visit, code);
    if (proved) {
      await limits.succeed(user.id);
      return { proved };
    }
    if (isLast) await factors.noteGuessing(themselves(user, address), user);
    return { faults: { code: 'wrong' }, ...again };
  }

  async function sendCode({ user, address }: StepVisit): Promise<StepReply> {
    await sendLimits.count(user.id, address);
    await mailCodes.send(user);
    return { more: { isSent: true } };
  }

  async function rememberIfAsked({
    session,
    fields,
    userAgent,
    address,
  }: StepVisit): Promise<Pick<StepReply, 'cookies'>> {
    if (fields['remember'] !== 'yes' || devices.days === 0) return {};
    return { cookies: { [REMEMBERED]: await devices.remember(session, { userAgent, address }) } };
  }

  return {
    name: 'second_factor',
    view: 'second-factor',
    isNeeded: async (situation) => (await demand.assess(situation)).step === 'prove',
    model,
    submit,
  };
}

/** Asked for because they have one, and not because an application wants to be sure. */
const isHabit = ({ requestedAcr }: StepVisit) => requestedAcr.values.length === 0;

function methodsOf({ held, goal, byMail }: Proving): Method[] {
  if (byMail) return ['mail'];
  const others: Method[] = [
    ...(held.totp ? (['totp'] as const) : []),
    ...(held.recoveryCodes && held.recoveryCodes.left > 0 ? (['recovery'] as const) : []),
  ];
  const passkey: Method[] = held.passkeys.length > 0 ? ['passkey'] : [];
  return goal === Assurance.phishingResistant ? passkey : [...passkey, ...others];
}
