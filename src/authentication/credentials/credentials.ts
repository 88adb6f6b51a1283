import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import { markOf, SignInEnded, type OwnSession, type Proof, type ProofMark } from '../../directory/users/proof.ts';
import { UserNotFound, usernameShape, type User } from '../../directory/users/user.ts';
import type { Hasher } from './hasher.ts';
import type { Links } from './links.ts';
import {
  passwordFaults,
  WeakPassword,
  type AttemptLimits,
  type FoundPassword,
  type Lock,
  type PasswordStore,
  type StoredPassword,
} from './password.ts';

export interface CredentialsOptions {
  store: PasswordStore;
  hasher: Hasher;
  limits: AttemptLimits;
  /** What names a device that is known for this username; undefined for any other. */
  identifyDevice(token: string | undefined, username: string): Promise<string | undefined>;
  links: Pick<Links, 'revoke'>;
  /** Ends the trust in the user's devices, so that MFA is required again. */
  forgetTrusted(userIds: string[]): Promise<void>;
  isCommonPassword(password: string): boolean;
  audit: Audit;
  transact: Transact;
  now: Clock;
  /** How long a temporary password is good for a sign-in. */
  temporaryDays: number;
  /** Ends every session and token of these users. */
  signOut(userIds: string[]): Promise<void>;
  /** The same but for one session, which the user has just proved again. Joins the caller's transaction. */
  signOutElsewhere(session: Omit<OwnSession, 'mark'>): Promise<void>;
  /** Notifies the user of the password change, in the transaction of the change. */
  notify(change: PasswordChange): Promise<void>;
}

/** Where a user signs in from. */
export interface SignInOrigin {
  /** The IP address. */
  address: string;
  /** What the browser keeps from an earlier sign-in. */
  token?: string | undefined;
}

/** A proof by password. */
export interface PasswordProof extends Proof {
  user: User;
  /** The device that it came from, if it is known for the user. */
  device: string | undefined;
}

export interface PasswordChange {
  userId: string;
  username: string;
  /** Set by an administrator, to be replaced by the user. */
  temporary: boolean;
}

const DAY_MS = 24 * 3600 * 1000;

export type Credentials = ReturnType<typeof createCredentials>;

/** Passwords: checked, hashed, verified, changed. */
export function createCredentials({
  store,
  hasher,
  limits,
  identifyDevice,
  links,
  forgetTrusted,
  isCommonPassword,
  audit,
  transact,
  now,
  temporaryDays,
  signOut,
  signOutElsewhere,
  notify,
}: CredentialsOptions) {
  // Made with the same parameters as real ones, so that verifying against it takes the same time.
  const dummyHash = hasher.hash('nobody has this password');

  /**
   * Proof of being the user whose username and password these are, or undefined. An unknown, a disabled and an invited
   * user, and one whose temporary password has run out, get the same answer in the same time as a wrong password.
   * @throws TooManyAttempts, Overloaded
   */
  const verify = (login: string, password: string, origin: SignInOrigin): Promise<PasswordProof | undefined> =>
    // Before the attempt counts.
    hasher.inRoom(() => attempt(login, password, origin));

  async function attempt(
    login: string,
    password: string,
    { address, token }: SignInOrigin,
  ): Promise<PasswordProof | undefined> {
    const username = usernameShape.safeParse(login).data ?? '';
    const account = username || login;
    const origin = { address, device: await identifyDevice(token, account) };
    await limits.begin(account, origin);
    const found = username ? await store.findByUsername(username) : undefined;
    const hash = found?.password?.hash ?? (await dummyHash);
    const match = await hasher.match(hash, password);
    if (!match || !found?.password || found.user.status === 'disabled' || hasRunOut(found.password)) return undefined;
    limits.succeed(account, origin);
    if (match === 'as_typed' || hasher.isStale(hash))
      await store.rehash(found.user.id, hash, await hasher.hash(password));
    return { userId: found.user.id, mark: markOf(found.user), user: found.user, device: origin.device };
  }

  const hasRunOut = ({ temporary, setAt }: FoundPassword) =>
    temporary && setAt.getTime() + temporaryDays * DAY_MS <= now().getTime();

  /** Checks a password against the rules and hashes it. @throws WeakPassword pointing at `pointer` for each broken rule */
  async function prepare(password: string, username: string, pointer: string): Promise<string> {
    const faults = faultsOf(password, username).map(({ sentence }) => ({ pointer, detail: sentence }));
    if (faults.length > 0) throw WeakPassword({ faults });
    return hasher.hash(password);
  }

  /** Sets a temporary password, which the user must change at the next sign-in. @throws UserNotFound, WeakPassword */
  async function setTemporary(actor: Actor, userId: string, password: string): Promise<void> {
    const user = await store.find(userId);
    if (!user) throw UserNotFound();
    const hash = await prepare(password, user.username, '#/temporary_password');
    await replace(actor, userId, { hash, temporary: true });
  }

  /**
   * The user chooses it, in a session that stays while all others end. `faults` are the keys of the broken rules; with none the
   * password is changed.
   * @throws UserNotFound, SignInEnded when something has ended the session in the meantime
   */
  async function change(actor: Actor, session: OwnSession, password: string): Promise<{ faults: string[] }> {
    const { userId, mark, uid } = session;
    const { username, faults } = await consider(userId, password);
    if (faults.length > 0) return { faults };
    const hash = await hasher.hash(password);
    await transact(async () => {
      if (!(await write(actor, userId, { hash, temporary: false }, mark))) throw SignInEnded();
      await notify({ userId, username, temporary: false });
      await signOutElsewhere({ userId, uid });
    });
    return { faults };
  }

  /** Replaces the password, notifies the user, and ends their sessions and tokens. @throws UserNotFound */
  async function replace(actor: Actor, userId: string, password: StoredPassword): Promise<void> {
    await transact(async () => {
      const username = await write(actor, userId, password);
      if (username === undefined) throw UserNotFound();
      await notify({ userId, username, temporary: password.temporary });
      await signOut([userId]);
    });
  }

  /** The first password of a user who was invited; it makes them active. @throws UserNotFound */
  async function setFirst(actor: Actor, userId: string, hash: string): Promise<void> {
    if (!(await write(actor, userId, { hash, temporary: false }))) throw UserNotFound();
  }

  /** The keys of the rules that a new password of this user would break. @throws UserNotFound */
  async function consider(userId: string, password: string): Promise<{ username: string; faults: string[] }> {
    const user = await store.find(userId);
    if (!user) throw UserNotFound();
    const isSame = user.password !== undefined && (await hasher.verify(user.password.hash, password));
    return {
      username: user.username,
      faults: [...brokenRules(password, user.username), ...(isSame ? ['same'] : [])],
    };
  }

  /** The keys of the rules that a password breaks. */
  const brokenRules = (password: string, username: string): string[] =>
    faultsOf(password, username).map(({ key }) => key);

  function faultsOf(password: string, username: string) {
    return passwordFaults(password, (candidate) => isCommonPassword(candidate) || candidate.toLowerCase() === username);
  }

  /** The username, or undefined when the user is gone, or `mark` is not theirs any more. */
  async function write(
    actor: Actor,
    userId: string,
    password: StoredPassword,
    mark?: ProofMark,
  ): Promise<string | undefined> {
    return transact(async () => {
      const username = await store.set(userId, password, now(), mark);
      if (username === undefined) return undefined;
      // An older email must not be able to replace this password.
      await links.revoke('recovery', userId);
      await links.revoke('invitation', userId);
      await forgetTrusted([userId]);
      const target = { kind: 'user', id: userId, name: username };
      await audit.record(actor, 'user.password_set', target, { temporary: password.temporary });
      return username;
    });
  }

  /** Whether an account is in backoff because of failed attempts. @throws UserNotFound */
  async function lockOf(userId: string): Promise<Lock> {
    const user = await store.find(userId);
    if (!user) throw UserNotFound();
    return limits.look(user.username);
  }

  /** Ends the backoff. @throws UserNotFound */
  async function unlock(actor: Actor, userId: string): Promise<void> {
    const user = await store.find(userId);
    if (!user) throw UserNotFound();
    if ((await limits.look(user.username)).failedAttempts === 0) return;
    await audit.record(actor, 'user.unlocked', { kind: 'user', id: userId, name: user.username });
    await limits.clear(user.username);
  }

  return {
    verify,
    lockOf,
    unlock,
    prepare,
    setTemporary,
    change,
    replace,
    setFirst,
    consider,
    brokenRules,
    hash: hasher.hash,
    matches: hasher.verify,
  };
}
