import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { UserNotFound, usernameShape } from '../users/user.ts';
import type { Hasher } from './hasher.ts';
import { passwordFaults, WeakPassword, type AttemptLimits, type PasswordStore } from './password.ts';

export interface CredentialsOptions {
  store: PasswordStore;
  hasher: Hasher;
  limits: AttemptLimits;
  isCommonPassword(password: string): boolean;
  audit: Audit;
  transact: Transact;
  now: Clock;
  /** Ends every session and token of these people. */
  signOut(userIds: string[]): Promise<void>;
}

export type Credentials = ReturnType<typeof createCredentials>;

/** Passwords: checked, hashed, verified, changed. */
export function createCredentials({
  store,
  hasher,
  limits,
  isCommonPassword,
  audit,
  transact,
  now,
  signOut,
}: CredentialsOptions) {
  // Made with the same parameters as real ones, so that verifying against it takes the same time.
  const dummyHash = hasher.hash('nobody has this password');

  /**
   * The id of the person whose username and password these are, or undefined. An unknown, a disabled and an invited
   * person get the same answer in the same time as a wrong password.
   * @throws TooManyAttempts
   */
  async function verify(login: string, password: string, address: string): Promise<string | undefined> {
    const username = usernameShape.safeParse(login).data ?? '';
    const account = username || login;
    await limits.begin(account, address);
    const found = username ? await store.findByUsername(username) : undefined;
    const hash = found?.password?.hash ?? (await dummyHash);
    const matches = (await hasher.verify(hash, password)) && found?.password !== undefined && found.active;
    if (!matches) return undefined;
    await limits.succeed(account, address);
    if (hasher.isStale(hash)) await store.rehash(found.userId, hash, await hasher.hash(password));
    return found.userId;
  }

  /** Checks a password against the rules and hashes it. @throws WeakPassword pointing at `pointer` for each broken rule */
  async function prepare(password: string, username: string, pointer: string): Promise<string> {
    const faults = faultsOf(password, username).map(({ sentence }) => ({ pointer, detail: sentence }));
    if (faults.length > 0) throw WeakPassword({ faults });
    return hasher.hash(password);
  }

  /** An administrator sets it; the person must choose another one at the next sign-in. @throws UserNotFound, WeakPassword */
  async function setTemporary(actor: Actor, userId: string, password: string): Promise<void> {
    const person = await store.find(userId);
    if (!person) throw UserNotFound();
    const hash = await prepare(password, person.username, '#/temporary_password');
    const work = async () => {
      await write(actor, userId, person.username, { hash, temporary: true });
      await signOut([userId]);
    };
    // Once more after the commit, for what a sign-in in flight wrote meanwhile.
    await transact(work, () => signOut([userId]));
  }

  /** The person chooses it. `faults` are the keys of the broken rules; with none the password is changed. @throws UserNotFound */
  async function change(actor: Actor, userId: string, password: string): Promise<{ faults: string[] }> {
    const { username, faults } = await consider(userId, password);
    if (faults.length === 0)
      await write(actor, userId, username, { hash: await hasher.hash(password), temporary: false });
    return { faults };
  }

  /** The keys of the rules that a new password of this person would break. @throws UserNotFound */
  async function consider(userId: string, password: string): Promise<{ username: string; faults: string[] }> {
    const person = await store.find(userId);
    if (!person) throw UserNotFound();
    const isSame = person.password !== undefined && (await hasher.verify(person.password.hash, password));
    return {
      username: person.username,
      faults: [...brokenRules(password, person.username), ...(isSame ? ['same'] : [])],
    };
  }

  /** The keys of the rules that a password breaks. */
  const brokenRules = (password: string, username: string): string[] =>
    faultsOf(password, username).map(({ key }) => key);

  function faultsOf(password: string, username: string) {
    return passwordFaults(password, (candidate) => isCommonPassword(candidate) || candidate.toLowerCase() === username);
  }

  async function write(
    actor: Actor,
    userId: string,
    username: string,
    password: { hash: string; temporary: boolean },
  ): Promise<void> {
    await transact(async () => {
      if (!(await store.set(userId, password, now()))) throw UserNotFound();
      await audit.record(
        actor,
        'user.password_set',
        { kind: 'user', id: userId, name: username },
        { temporary: password.temporary },
      );
    });
  }

  return { verify, prepare, setTemporary, change, consider, brokenRules };
}
