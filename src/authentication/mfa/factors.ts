import { randomUUID } from 'node:crypto';
import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Email } from '../../platform/mail/email.ts';
import type { User } from '../../directory/users/user.ts';
import {
  FactorNotFound,
  hasFactor,
  TotpAlreadyEnrolled,
  type FactorKind,
  type Held,
  type HeldStore,
  type Passkey,
} from './factor.ts';
import type { Passkeys } from './passkeys.ts';
import type { RecoveryCodeBook } from './recovery-codes.ts';
import type { TrustedDevices } from './trusted-devices.ts';
import type { Totp } from './totp.ts';

export interface FactorsOptions {
  held: HeldStore;
  totp: Totp;
  passkeys: Passkeys;
  recoveryCodes: RecoveryCodeBook;
  devices: TrustedDevices;
  audit: Audit;
  post(email: Email): Promise<void>;
  transact: Transact;
  now: Clock;
  issuer: string;
  /** Ends every session and token of these users. */
  signOut(userIds: Id[]): Promise<void>;
  /** The same but for one session. Joins the caller's transaction. */
  signOutElsewhere(session: { userId: Id; uid: string }): Promise<void>;
}

/** The result of enrolling a factor: with the first one, recovery codes, which are shown only once. */
export interface Added {
  recoveryCodes?: string[] | undefined;
}

export type Factors = ReturnType<typeof createFactors>;

/** Enrolls, renames and removes factors. Each change is in the audit log, and the user is notified by email. */
export function createFactors(options: FactorsOptions) {
  const {
    held,
    totp,
    passkeys,
    recoveryCodes,
    devices,
    audit,
    post,
    transact,
    now,
    issuer,
    signOut,
    signOutElsewhere,
  } = options;

  /** Takes up an offer of an authenticator app; undefined for a wrong code. @throws TotpAlreadyEnrolled */
  async function addTotp(actor: Actor, user: User, token: string, code: string): Promise<Added | undefined> {
    return transact(async () => {
      const outcome = await totp.accept(user, token, code);
      if (outcome === 'there') throw TotpAlreadyEnrolled();
      return outcome === 'wrong' ? undefined : noteAdded(actor, user, 'totp', 'authenticator app');
    });
  }

  /** Undefined for an answer that is not right. */
  async function addPasskey(
    actor: Actor,
    user: User,
    { subject, answer, name }: { subject: string; answer: string; name: string },
  ): Promise<Added | undefined> {
    const passkey = await passkeys.check(subject, answer, name);
    if (!passkey) return undefined;
    return transact(async () =>
      (await passkeys.keep(user.id, passkey)) ? noteAdded(actor, user, 'passkey', passkey.name) : undefined,
    );
  }

  async function noteAdded(actor: Actor, user: User, kind: FactorKind, name: string): Promise<Added> {
    await devices.forgetOf([user.id]);
    await audit.record(actor, 'mfa.enrolled', targetOf(user), { kind, name });
    await tell(user, 'factor-added', { context: kind });
    const { recoveryCodes: codes } = await held.find(user.id);
    return codes ? {} : { recoveryCodes: await recoveryCodes.make(user.id) };
  }

  /** The old ones end. Shown only once. */
  async function renewRecoveryCodes(actor: Actor, user: User): Promise<string[]> {
    return transact(async () => {
      const codes = await recoveryCodes.make(user.id);
      await devices.forgetOf([user.id]);
      await audit.record(actor, 'mfa.recovery_codes_generated', targetOf(user));
      await tell(user, 'recovery-codes-made', {});
      return codes;
    });
  }

  /** @throws FactorNotFound */
  async function renamePasskey(actor: Actor, user: User, id: Id, name: string): Promise<void> {
    await transact(async () => {
      const outcome = await passkeys.rename(user.id, id, name);
      if (outcome === 'missing') throw FactorNotFound();
      if (outcome === 'renamed') await audit.record(actor, 'mfa.renamed', targetOf(user), { kind: 'passkey', name });
    });
  }

  /** The user removes one in a session of theirs; all others end. @throws FactorNotFound */
  async function remove(actor: Actor, user: User, factorId: string, uid: string): Promise<void> {
    await transact(async () => {
      await removeOne(actor, user, factorId);
      await signOutElsewhere({ userId: user.id, uid });
    });
  }

  /** With the last factor its recovery codes go too. @throws FactorNotFound */
  async function removeOne(actor: Actor, user: User, factorId: string): Promise<void> {
    const before = await held.find(user.id);
    if (!(await held.remove(user.id, factorId))) throw FactorNotFound();
    if (!hasFactor(await held.find(user.id))) await held.removeAll(user.id);
    await noteRemoved(actor, user, describe(before, factorId));
  }

  /** An administrator takes one away, or all: someone who has it now must not stay signed in. @throws FactorNotFound */
  async function takeAway(actor: Actor, user: User, factorId?: string): Promise<void> {
    await transact(async () => {
      if (factorId === undefined) {
        if (!hasFactor(await held.find(user.id))) return;
        await held.removeAll(user.id);
        await noteRemoved(actor, user, { kind: 'all', name: 'all' });
      } else await removeOne(actor, user, factorId);
      await signOut([user.id]);
    });
  }

  async function noteRemoved(actor: Actor, user: User, what: { kind: string; name: string }): Promise<void> {
    await devices.forgetOf([user.id]);
    await audit.record(actor, 'mfa.removed', targetOf(user), what);
    await tell(user, 'factor-removed', { context: what.kind });
  }

  async function forgetDevice(actor: Actor, user: User, deviceId: Id): Promise<boolean> {
    return transact(async () => {
      const isForgotten = await devices.forget(user.id, deviceId);
      if (isForgotten) await audit.record(actor, 'mfa.trusted_device_removed', targetOf(user));
      return isForgotten;
    });
  }

  /** A recovery code was used. If the user did not do it, they have to know. */
  async function noteRecovery(actor: Actor, user: User, left: number): Promise<void> {
    await transact(async () => {
      await audit.record(actor, 'mfa.recovery_code_used', targetOf(user), { left });
      await tell(user, 'recovery-code-used', { left });
    });
  }

  /** Someone who knows the password is guessing codes. The user is notified once a day. */
  async function noteGuessing(actor: Actor, user: User): Promise<void> {
    const cause = `factor-guessed:${user.id}:${now().toISOString().slice(0, 10)}`;
    await transact(async () => {
      await audit.record(actor, 'mfa.challenge_failed', targetOf(user));
      await post({ cause, ...emailTo(user, 'factor-guessed', {}) });
    });
  }

  const tell = (user: User, view: string, model: Record<string, string | number>): Promise<void> =>
    post({ cause: `${view}:${user.id}:${randomUUID()}`, ...emailTo(user, view, model) });

  const emailTo = ({ username }: User, view: string, model: Record<string, string | number>) => ({
    to: username,
    view,
    model: { ...model, link: `${issuer}/recover` },
  });

  return {
    find: held.find,
    addTotp,
    addPasskey,
    renewRecoveryCodes,
    renamePasskey,
    remove,
    takeAway,
    listDevices: devices.list,
    forgetDevice,
    noteRecovery,
    noteGuessing,
    forgetAllOf: held.removeAll,
  };
}

function describe({ passkeys }: Held, factorId: string): { kind: FactorKind; name: string } {
  const passkey: Passkey | undefined = passkeys.find(({ id }) => id === factorId);
  if (passkey) return { kind: 'passkey', name: passkey.name };
  return factorId === 'totp'
    ? { kind: 'totp', name: 'authenticator app' }
    : { kind: 'recovery_codes', name: 'recovery codes' };
}

const targetOf = ({ id, username }: User) => ({ kind: 'user', id, name: username });
