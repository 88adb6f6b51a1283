import type { Actor } from '../../platform/actor.ts';
import { system } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import { defineError, InvalidInput } from '../../platform/errors.ts';
import { newSecret, sha256 } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Credentials } from '../../authentication/credentials/credentials.ts';
import { usernameShape, type NewUser, type User } from '../../directory/users/user.ts';
import type { UserStore } from '../../directory/users/user-store.ts';
import type { Users } from '../../directory/users/users.ts';

export const LinkInvalid = defineError(
  'invalid',
  'link_invalid',
  'This link was already used, has expired, or is not valid.',
);

const LINK_MS = 24 * 3600 * 1000;

/** The one link with which the first owner is set up; stored as its hash. */
export interface SetupLinkStore {
  /** Replaces the link that was there before, if any. */
  put(hash: string, expiresAt: Date): Promise<void>;
  isValid(hash: string, now: Date): Promise<boolean>;
  /** True for the one caller that used it up. */
  use(hash: string, now: Date): Promise<boolean>;
}

export interface Owner {
  email: string;
  firstName: string;
  lastName: string;
  password: string;
}

export interface BootstrapOptions {
  links: SetupLinkStore;
  users: Users;
  countAdministrators: () => ReturnType<UserStore['count']>;
  credentials: Pick<Credentials, 'prepare' | 'brokenRules'>;
  transact: Transact;
  now: Clock;
  issuer: string;
}

export type Bootstrap = ReturnType<typeof createBootstrap>;

/** How a new Cohort gets its first owner: by a link that is printed once, by the configuration, or by the command line. */
export function createBootstrap({
  links,
  users,
  countAdministrators,
  credentials,
  transact,
  now,
  issuer,
}: BootstrapOptions) {
  const isNeeded = async () => (await countAdministrators()) === 0;

  /** A new link; the one before stops working. */
  async function makeLink(): Promise<string> {
    const token = newSecret();
    await links.put(sha256(token), new Date(now().getTime() + LINK_MS));
    return `${issuer}/setup/${token}`;
  }

  const isValid = async (token: string) => (await links.isValid(sha256(token), now())) && (await isNeeded());

  /** Uses the link up and makes the owner, both or neither. @throws LinkInvalid, UsernameTaken, WeakPassword */
  async function setUp(token: string, owner: Owner): Promise<User> {
    const user = await prepare(owner);
    return transact(async () => {
      if (!(await links.use(sha256(token), now())) || !(await isNeeded())) throw LinkInvalid();
      return user();
    });
  }

  /** Makes an owner without a link. @throws UsernameTaken, WeakPassword */
  const makeOwner = async (owner: Owner, actor: Actor = system): Promise<User> => (await prepare(owner, actor))();

  async function prepare(
    { email, firstName, lastName, password }: Owner,
    actor: Actor = system,
  ): Promise<() => Promise<User>> {
    const username = usernameShape.safeParse(email).data;
    if (!username) throw InvalidInput({ detail: `${email} is not a valid email.` });
    const hash = await credentials.prepare(password, username, '#/password');
    const user = {
      username,
      first_name: firstName,
      last_name: lastName,
      kind: 'administrator',
      admin_roles: ['owner'],
      custom_data: {},
    } satisfies NewUser;
    return () => users.create(actor, user, { hash, temporary: false });
  }

  return { isNeeded, makeLink, isValid, setUp, makeOwner, brokenRules: credentials.brokenRules };
}
