import type { Actor } from '../../platform/actor.ts';
import { changedFields, pickFields } from '../../platform/changes.ts';
import { UnsupportedSearch, type TimeRange } from '../../platform/criteria.ts';
import { InvalidInput } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import type { Count, Page, PageRequest } from '../../platform/paging.ts';
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import { EXAMPLES, impactOn, type Impact, type Ref } from '../../platform/impact.ts';
import { changedAttributes, faultsOfAttributes } from './attributes.ts';
import { createAdministration } from './administration.ts';
import { createCreation, type CreationOptions } from './creation.ts';
import { createManyVerbs } from './many.ts';
import { everybody, type MemberCriteria, type UserCriteria } from './user-search.ts';
import { presentUser, UserNotFound, type Kind, type User, type UserChange } from './user.ts';

/** More would make every search for a role as long as the list of its groups. */
const MAX_GROUPS_OF_ROLE = 1000;

/** Administrators are few. */
const MOST_LIMITED = 1000;

export interface UsersOptions extends CreationOptions {
  cache: Pick<WatchedCache<User>, 'get' | 'getBy'>;
  /** The groups that have a role, at most so many. */
  groupsWithRole(roleId: Id, limit: number): Promise<Id[]>;
  /** Whether an actor may change this user, as far as it is not a matter of the scope for it. */
  mayChange(actor: Actor, user: User): boolean;
  /** Deletes what all modules keep about something; runs in the transaction that deletes it. */
  onDelete(ref: Ref): Promise<void>;
  /** Ends every session and token of these users. */
  signOut(userIds: Id[]): Promise<void>;
}

export type Users = ReturnType<typeof createUsers>;

/** The life of users: created, changed, disabled, enabled, removed. */
export function createUsers(options: UsersOptions) {
  const { store, cache, audit, transact, now, groupsWithRole, onDelete, signOut } = options;

  const { create, createMany, check } = createCreation(options);
  const { setAdministration, assertNotLastOwner } = createAdministration(options);
  const { disableMany, enableMany, endSessionsOfMany } = createManyVerbs({
    store,
    audit,
    transact,
    now,
    signOut,
    mayChange: options.mayChange,
    disable,
  });

  /** @throws UserNotFound */
  async function get(id: Id): Promise<User> {
    const user = await store.find(id);
    if (!user) throw UserNotFound();
    return user;
  }

  /** @throws UnsupportedSearch */
  const search = async (criteria: UserCriteria, page: PageRequest): Promise<Page<User>> =>
    store.search(await withGroupsOfRole(criteria), page);

  /** The same in one group; of their memberships, the users have only the one in it. @throws UnsupportedSearch */
  const searchMembers = async (criteria: MemberCriteria, page: PageRequest): Promise<Page<User>> =>
    store.searchMembers(await withGroupsOfRole(criteria), page);

  /** The IDs of the users who match a search, page by page. @throws UnsupportedSearch */
  const select = async (criteria: UserCriteria, page: PageRequest): Promise<Page<Id>> =>
    store.select(await withGroupsOfRole(criteria), page);

  async function withGroupsOfRole<C extends UserCriteria>(criteria: C): Promise<C> {
    if (criteria.roleId === undefined) return criteria;
    const groups = await groupsWithRole(criteria.roleId, MAX_GROUPS_OF_ROLE + 1);
    const { scopeGroups } = criteria;
    const inAnyGroup = scopeGroups ? groups.filter((id) => scopeGroups.includes(id)) : groups;
    if (groups.length <= MAX_GROUPS_OF_ROLE) return { ...criteria, inAnyGroup };
    const detail = `more than ${MAX_GROUPS_OF_ROLE} groups have this role; search by in_group instead`;
    throw UnsupportedSearch({ detail, faults: [{ parameter: 'role_id', detail }] });
  }

  /** How many were created in this time; never counted far. */
  async function countCreated(kind: Kind, created: TimeRange): Promise<Count> {
    const criteria = { ...everybody, kind, created, sort: 'created_at' } as const;
    return (await store.search(criteria, { list: '', limit: 1, withCount: true })).count!;
  }

  async function adminScopeImpact(groupId: Id): Promise<Impact[]> {
    const limited = await store.withAdminScope(groupId, MOST_LIMITED);
    return limited.length > 0 ? [impactOn('administrators', limited.map(subjectOf))] : [];
  }

  /** Users with a role; administrators whose admin scope would shrink. */
  async function impactOf({ kind, id }: Ref): Promise<Impact[]> {
    if (kind === 'group') return adminScopeImpact(id);
    if (kind !== 'role') return [];
    const groups = await groupsWithRole(id, MAX_GROUPS_OF_ROLE + 1);
    const criteria = { ...everybody, inAnyGroup: groups.slice(0, MAX_GROUPS_OF_ROLE) };
    const { items, count } = await store.search(criteria, { list: '', limit: EXAMPLES, withCount: true });
    const relation = groups.length > MAX_GROUPS_OF_ROLE ? 'at_least' : count!.relation;
    const examples = items.map(subjectOf);
    return [{ kind: 'users', count: { ...count!, relation }, examples }];
  }

  /** Remembers when a user signed in last. */
  const noteSignIn = (id: Id): void => store.noteSignIn(id, now());

  /** @throws UserNotFound, InvalidInput for an attribute that is not in use */
  async function update(actor: Actor, id: Id, change: UserChange): Promise<User> {
    return transact(async () => {
      const before = await get(id);
      const fields = changedFields(change, presentUser(before));
      if (fields.length === 0) return before;
      const faults = faultsOfAttributes(before.attributes, change, options.attributesInUse);
      if (faults.length > 0)
        throw InvalidInput({ faults: faults.map(({ field, detail }) => ({ pointer: `#/${field}`, detail })) });
      const attributes = changedAttributes(before.attributes, change);
      const user = await store.update(id, { ...pickFields(change, fields), attributes }, now());
      if (!user) throw UserNotFound();
      await audit.record(actor, 'user.updated', target(user), { fields });
      return user;
    });
  }

  /**
   * Signed out everywhere immediately: from the commit on, no session and no token of a disabled user is accepted.
   * They are deleted only after it, because a browser that is using its session would restart the transaction again
   * and again.
   * @throws UserNotFound, LastAdministrator
   */
  async function disable(actor: Actor, id: Id): Promise<User> {
    const work = async () => {
      const user = await get(id);
      if (user.status === 'disabled') return user;
      await assertNotLastOwner(user);
      const disabled = await store.update(id, { status: 'disabled' }, now());
      if (!disabled) throw UserNotFound();
      await audit.record(actor, 'user.disabled', target(disabled));
      return disabled;
    };
    return transact(work, () => signOut([id]));
  }

  /** A user who never had a password goes back to being invited. @throws UserNotFound */
  async function enable(actor: Actor, id: Id): Promise<User> {
    return transact(async () => {
      const before = await get(id);
      if (before.status !== 'disabled') return before;
      // What is left when a node was killed after it had disabled them must not come back to life.
      await signOut([id]);
      const status = (await store.hasPassword(id)) ? 'active' : 'invited';
      const user = await store.update(id, { status }, now());
      if (!user) throw UserNotFound();
      await audit.record(actor, 'user.enabled', target(user));
      return user;
    });
  }

  /** Removes the user and everything of theirs; nothing brings it back. @throws UserNotFound, LastAdministrator */
  async function remove(actor: Actor, id: Id): Promise<void> {
    const work = async () => {
      await assertNotLastOwner(await get(id));
      const user = await store.remove(id);
      if (!user) throw UserNotFound();
      await onDelete({ kind: 'user', id });
      await audit.record(actor, 'user.deleted', target(user));
    };
    // Again after the commit, for what a sign-in in flight wrote in the meantime.
    await transact(work, () => signOut([id]));
  }

  return {
    create,
    createMany,
    check,
    get,
    find: store.find,
    /** As of at most a second ago, for what the protocol asks at every request; never for a decision about a change. */
    findKnown: cache.get,
    /** What another module finds by a read of its own is remembered for `findKnown`. */
    readAs: (read: () => Promise<User | undefined>) => cache.getBy(undefined, () => true, read),
    findMany: store.findMany,
    findByUsername: store.findByUsername,
    count: store.count,
    endProofs: store.endProofs,
    search,
    searchMembers,
    select,
    update,
    disable,
    disableMany,
    enable,
    enableMany,
    endSessionsOfMany,
    noteSignIn,
    countCreated,
    impactOf,
    setAdministration,
    remove,
  };
}

const subjectOf = ({ id, username: name }: User) => ({ id, name });
const target = (user: User) => ({ kind: 'user', ...subjectOf(user) });
