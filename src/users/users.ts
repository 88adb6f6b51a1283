import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import { UnservableSearch } from '../base/criteria.ts';
import type { Id, NewId } from '../base/ids.ts';
import type { Page, PageRequest } from '../base/paging.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { UserCriteria } from './user-search.ts';
import {
  LastAdministrator,
  UsernameTaken,
  UserNotFound,
  type NewUser,
  type Person,
  type UserChange,
  type UserStore,
} from './user.ts';

/** More would make every search for a role as long as the list of its groups. */
const MAX_GROUPS_OF_ROLE = 1000;

export interface UsersOptions {
  store: UserStore;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  /** The groups that have a role, at most so many. */
  groupsWithRole(roleId: Id, limit: number): Promise<Id[]>;
  /** Removes what every other room keeps of a person; runs in the transaction that removes them. */
  removeBelongings(userId: Id): Promise<void>;
  /** Ends every session and token of a person. */
  signOut(userId: Id): Promise<void>;
}

/** A password that was checked against the policy and hashed already. */
export interface FirstPassword {
  hash: string;
  temporary: boolean;
}

export type Users = ReturnType<typeof createUsers>;

/** The life of people: created, changed, disabled, enabled, removed. */
export function createUsers(options: UsersOptions) {
  const { store, audit, transact, newId, now, groupsWithRole, removeBelongings, signOut } = options;

  /** With a password the person is active at once; without one they are invited. @throws UsernameTaken */
  async function create(actor: Actor, user: NewUser, password?: FirstPassword): Promise<Person> {
    const at = now();
    const person: Person = {
      id: newId(),
      kind: user.kind,
      username: user.username,
      firstName: user.first_name,
      lastName: user.last_name,
      status: password ? 'active' : 'invited',
      customData: user.custom_data,
      memberships: [],
      passwordIsTemporary: password?.temporary ?? false,
      createdAt: at,
      updatedAt: at,
    };
    return transact(async () => {
      const outcome = await store.insert(person, password?.hash);
      if (outcome === 'duplicate')
        throw UsernameTaken({ faults: [{ pointer: '#/username', detail: 'belongs to another user' }] });
      await audit.record(actor, 'user.created', target(person), { kind: person.kind });
      return person;
    });
  }

  /** @throws UserNotFound */
  async function get(id: Id): Promise<Person> {
    const person = await store.find(id);
    if (!person) throw UserNotFound();
    return person;
  }

  /** @throws UnservableSearch */
  const search = async (criteria: UserCriteria, page: PageRequest): Promise<Page<Person>> =>
    store.search(await withGroupsOfRole(criteria), page);

  /** The ids of those whom a search finds, by the page. @throws UnservableSearch */
  const select = async (criteria: UserCriteria, page: PageRequest): Promise<Page<Id>> =>
    store.select(await withGroupsOfRole(criteria), page);

  async function withGroupsOfRole(criteria: UserCriteria): Promise<UserCriteria> {
    if (criteria.roleId === undefined) return criteria;
    const inAnyGroup = await groupsWithRole(criteria.roleId, MAX_GROUPS_OF_ROLE + 1);
    if (inAnyGroup.length <= MAX_GROUPS_OF_ROLE) return { ...criteria, inAnyGroup };
    const detail = `more than ${MAX_GROUPS_OF_ROLE} groups have this role; search by in_group instead`;
    throw UnservableSearch({ detail, faults: [{ parameter: 'role_id', detail }] });
  }

  /** Remembers when a person signed in last. */
  const noteSignIn = (id: Id): Promise<void> => store.noteSignIn(id, now());

  /** @throws UserNotFound */
  async function update(actor: Actor, id: Id, change: UserChange): Promise<Person> {
    return transact(async () => {
      const person = await store.update(id, change, now());
      if (!person) throw UserNotFound();
      await audit.record(actor, 'user.updated', target(person), { fields: Object.keys(change) });
      return person;
    });
  }

  /** Out at once, everywhere: sessions and tokens end too. @throws UserNotFound, LastAdministrator */
  async function disable(actor: Actor, id: Id): Promise<Person> {
    const work = async () => {
      await refuseLastAdministrator(await get(id));
      const disabled = await store.update(id, { status: 'disabled' }, now());
      if (!disabled) throw UserNotFound();
      await signOut(id);
      await audit.record(actor, 'user.disabled', target(disabled));
      return disabled;
    };
    // Once more after the commit, for what a sign-in in flight wrote meanwhile.
    return transact(work, () => signOut(id));
  }

  /** A person who never had a password goes back to being invited. @throws UserNotFound */
  async function enable(actor: Actor, id: Id): Promise<Person> {
    return transact(async () => {
      const status = (await store.hasPassword(id)) ? 'active' : 'invited';
      const person = await store.update(id, { status }, now());
      if (!person) throw UserNotFound();
      await audit.record(actor, 'user.enabled', target(person));
      return person;
    });
  }

  /** Removes the person and everything of theirs; nothing brings it back. @throws UserNotFound, LastAdministrator */
  async function remove(actor: Actor, id: Id): Promise<void> {
    const work = async () => {
      await refuseLastAdministrator(await get(id));
      const person = await store.remove(id);
      if (!person) throw UserNotFound();
      await removeBelongings(id);
      await audit.record(actor, 'user.deleted', target(person));
    };
    // Once more after the commit, for what a sign-in in flight wrote meanwhile.
    await transact(work, () => signOut(id));
  }

  async function refuseLastAdministrator(person: Person): Promise<void> {
    if (person.kind !== 'administrator' || person.status === 'disabled') return;
    await store.lockAdministrators();
    const active = await store.count({ kind: 'administrator', status: 'active' });
    if (person.status === 'active' && active <= 1) throw LastAdministrator();
  }

  return { create, get, search, select, update, disable, enable, noteSignIn, remove };
}

function target(person: Person) {
  return { kind: 'user', id: person.id, name: person.username };
}
