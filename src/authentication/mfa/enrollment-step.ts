import { Assurance } from '../../platform/assurance.ts';
import { themselves } from '../../platform/actor.ts';
import { isError } from '../../platform/errors.ts';
import type { SignInStep, StepReply, StepVisit } from '../../directory/module.ts';
import type { Demand } from './mfa-requirement.ts';
import { TotpAlreadyEnrolled, type Held } from './factor.ts';
import type { Added, Factors } from './factors.ts';
import type { Passkeys } from './passkeys.ts';
import { proposedName } from './passkey-name.ts';
import { presentOffer } from './qr-code.ts';
import type { Totp } from './totp.ts';

export interface SetUpOptions {
  demand: Demand;
  factors: Factors;
  totp: Totp;
  passkeys: Passkeys;
}

type Kind = 'totp' | 'passkey';

/** Users who must use MFA and have no sufficient factor enroll one before anything is issued. */
export function setUpStep({ demand, factors, totp, passkeys }: SetUpOptions): SignInStep {
  async function model(visit: StepVisit): Promise<Record<string, unknown>> {
    const need = await demand.assess(visit);
    if (need.step !== 'set-up') return {};
    const kinds = kindsFor(need.goal, need.held);
    const wanted = visit.fields['kind'] ?? visit.query['with'];
    const kind = kinds.find((each) => each === wanted) ?? (kinds.length === 1 ? kinds[0] : undefined);
    return { username: visit.user.username, kinds, kind, ...(kind ? await modelOf(kind, visit) : {}) };
  }

  async function modelOf(kind: Kind, { user, fields, signInId, userAgent }: StepVisit) {
    if (kind === 'totp') return { offer: presentOffer(totp.resume(user, fields['token'] ?? '') ?? totp.offer(user)) };
    const options = await passkeys.registrationOptions(user, signInId);
    return { passkey: JSON.stringify(options), passkeyName: proposedName(userAgent) };
  }

  async function submit(visit: StepVisit): Promise<StepReply> {
    const need = await demand.assess(visit);
    const kind = visit.fields['kind'];
    if (need.step !== 'set-up' || !kindsFor(need.goal, need.held).some((each) => each === kind))
      return { faults: { code: 'missing' } };
    return kind === 'totp' ? addTotp(visit) : addPasskey(visit);
  }

  async function addTotp({ user, fields, address }: StepVisit): Promise<StepReply> {
    const { token = '', code = '' } = fields;
    try {
      const added = await factors.addTotp(themselves(user, address), user, token, code);
      if (!added) return { faults: { code: code ? 'wrong' : 'missing' } };
      return { proved: ['otp', 'mfa'], ...finalPageOf(added) };
    } catch (error) {
      if (isError(error, TotpAlreadyEnrolled)) return { proved: [] };
      throw error;
    }
  }

  async function addPasskey({ user, fields, address, signInId, userAgent }: StepVisit): Promise<StepReply> {
    const passkey = { subject: signInId, answer: fields['passkey'] ?? '', name: proposedName(userAgent) };
    const added = await factors.addPasskey(themselves(user, address), user, passkey);
    return added ? { proved: ['pop', 'user', 'mfa'], ...finalPageOf(added) } : { faults: { passkey: 'refused' } };
  }

  return {
    name: 'set_up_second_factor',
    view: 'set-up-second-factor',
    isNeeded: async (situation) => (await demand.assess(situation)).step === 'set-up',
    model,
    submit,
  };
}

/** An authenticator app's codes can be passed on by a false page. */
const kindsFor = (goal: Assurance, { totp }: Held): Kind[] =>
  goal === Assurance.phishingResistant || totp ? ['passkey'] : ['passkey', 'totp'];

const finalPageOf = ({ recoveryCodes }: Added) =>
  recoveryCodes ? { finalPage: { view: 'recovery-codes', model: { codes: recoveryCodes } } } : {};
