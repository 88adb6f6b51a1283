import { system, type Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { everyGroup } from '../groups/group-search.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { assertKnownGroups } from '../groups/known-groups.ts';
import { OnlyCustomersInGroups, type User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { History } from './history.ts';
import type { MembershipStore } from './membership.ts';
import { originOf } from './origin.ts';
import { hasBegun, hasEnded, hasPeriods, isCurrent, type Membership } from './period.ts';

export interface GroupsOfUserOptions {
  store: Pick<MembershipStore, 'change'>;
  users: Pick<Users, 'get'>;
  groups: Pick<Groups, 'findMany' | 'search'>;
  /** Of these groups, those within the actor's admin scope. */
  groupsInScope(actor: Actor, groupIds: Id[]): Promise<Set<Id>>;
  history: Pick<History, 'close'>;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

/** Which memberships of a user are asked for; those that count now unless it says otherwise. */
export interface WantedMemberships {
  /** False for those that have not begun. */
  active?: boolean | undefined;
  endingBefore?: Date | undefined;
}

/** Memberships as one user has them. */
export function createGroupsOfUser(options: GroupsOfUserOptions) {
  const { store, users, groups, groupsInScope, history, audit, transact, now } = options;

  /** The memberships that a user has now, by the clock. The rest of the code asks here and reads no stored membership. */
  const current = ({ memberships }: Pick<User, 'memberships'>): Membership[] => {
    if (!hasPeriods(memberships)) return memberships;
    const at = now();
    return memberships.filter((each) => isCurrent(each, at));
  };

  /** Those that have not begun. */
  const upcoming = (user: Pick<User, 'memberships'>): Membership[] => matching(user, { active: false });

  /** The groups that a user is directly in now. */
  const groupIds = (user: Pick<User, 'memberships'>): Id[] => current(user).map(({ group }) => group);

  /** The membership of a user in this group, whatever its period. */
  const membershipIn = ({ memberships }: Pick<User, 'memberships'>, groupId: Id): Membership | undefined =>
    memberships.find((each) => each.group === groupId);

  /** The memberships in groups that the actor may see, sorted by group. @throws UserNotFound */
  async function membershipsOf(userId: Id, actor: Actor, wanted: WantedMemberships = {}): Promise<Membership[]> {
    const found = matching(await users.get(userId), wanted);
    return (await seenBy(actor, found)).sort((a, b) => (a.group < b.group ? -1 : 1));
  }

  /** Those in groups that the actor may see. */
  async function seenBy(actor: Actor, memberships: Membership[]): Promise<Membership[]> {
    const seen = await groupsInScope(
      actor,
      memberships.map(({ group }) => group),
    );
    return memberships.filter(({ group }) => seen.has(group));
  }

  function matching(
    { memberships }: Pick<User, 'memberships'>,
    { active = true, endingBefore }: WantedMemberships,
  ): Membership[] {
    const at = now();
    return memberships.filter(
      (each) =>
        !hasEnded(each, at) &&
        hasBegun(each, at) === active &&
        (!endingBefore || (each.until !== undefined && each.until < endingBefore)),
    );
  }

  const groupIdsOf = async (userId: Id, actor: Actor): Promise<Id[]> =>
    (await membershipsOf(userId, actor)).map(({ group }) => group);

  /** The groups of these memberships; ordered by name. */
  const groupsOfMemberships = (memberships: Membership[], page: PageRequest): Promise<Page<Group>> =>
    groups.search({ ...everyGroup, scopeGroups: memberships.map(({ group }) => group) }, page);

  /** Those that the actor may see; ordered by name. @throws UserNotFound */
  const groupsOf = async (userId: Id, page: PageRequest, actor: Actor = system): Promise<Page<Group>> =>
    groupsOfMemberships(await membershipsOf(userId, actor), page);

  /** All of them, for those who take their data along; ordered by name. @throws UserNotFound */
  async function allGroupsOf(userId: Id): Promise<Group[]> {
    return byName(await groups.findMany(await groupIdsOf(userId, system)));
  }

  /**
   * Puts a customer into just these groups; an actor with an admin scope says nothing about the groups outside of it, which
   * stay. @throws UserNotFound, OnlyCustomersInGroups, UnknownGroup
   */
  async function setGroups(actor: Actor, userId: Id, wantedIds: Id[]): Promise<void> {
    return transact(async () => {
      const user = await users.get(userId);
      if (user.kind !== 'customer' && wantedIds.length > 0) throw OnlyCustomersInGroups();
      const wanted = await knownGroups(wantedIds);
      const inside = await groupsInScope(actor, groupIds(user));
      const before = await groups.findMany([...inside]);
      const added = without(wanted, before);
      const removed = without(before, wanted);
      if (added.length + removed.length > 0) {
        const change = { add: added.map(({ id }) => id), remove: removed.map(({ id }) => id) };
        await store.change(userId, change, originOf(actor, now()));
        const replaced = new Set([...change.add, ...change.remove]);
        const ended = user.memberships.filter(({ group }) => replaced.has(group));
        await history.close(
          ended.map((membership) => ({ user, membership })),
          { closing: 'removed', endedBy: actor.id },
        );
        const about = { kind: 'user', id: user.id, name: user.username };
        if (added.length > 0) await audit.recordMany(actor, 'user.groups_added', about, added.map(subjectOf));
        if (removed.length > 0) await audit.recordMany(actor, 'user.groups_removed', about, removed.map(subjectOf));
      }
    });
  }

  async function knownGroups(ids: Id[]): Promise<Group[]> {
    const found = await groups.findMany(ids);
    await assertKnownGroups(async () => found.map(({ id }) => id), [{ ids, pointer: '#/group_ids' }]);
    return found;
  }

  return {
    current,
    upcoming,
    groupIds,
    membershipIn,
    membershipsOf,
    seenBy,
    groupIdsOf,
    groupsOfMemberships,
    groupsOf,
    allGroupsOf,
    setGroups,
  };
}

const subjectOf = ({ id, name }: Group) => ({ id, name });
const byName = (groups: Group[]) => groups.sort((a, b) => (a.name < b.name ? -1 : 1));

function without(groups: Group[], others: Group[]): Group[] {
  const known = new Set(others.map(({ id }) => id));
  return groups.filter(({ id }) => !known.has(id));
}
