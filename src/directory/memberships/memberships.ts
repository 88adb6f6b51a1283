import { system, type Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import { EXAMPLES, impactOn, type Deleted, type Impact, type Ref } from '../../platform/impact.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Subject } from '../audit/audit-event.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { everybody, type UserCriteria } from '../users/user-search.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import {
  NotAMember,
  type AddOutcome,
  type Candidate,
  type Item,
  type MembershipStore,
  type Named,
  type RemoveOutcome,
} from './membership.ts';
import { assertPeriods, type Additions } from './additions.ts';
import { originOf } from './origin.ts';
import { addOutcome, itemsOf, removeOutcome, subjectsOf } from './outcomes.ts';
import { createGroupsOfUser } from './groups-of-user.ts';
import { createListedGroups } from './listed-groups.ts';
import type { History } from './history.ts';
import { createUpkeep } from './upkeep.ts';
import { createOwners } from './owners.ts';
import {
  type Membership,
  always,
  hasEnded,
  presentPeriod,
  toPeriod,
  type Period,
  type PeriodChange,
} from './period.ts';

export interface MembershipsOptions {
  store: MembershipStore;
  users: Pick<Users, 'get' | 'findMany' | 'searchMembers'>;
  groups: Pick<Groups, 'get' | 'getKnown' | 'findMany' | 'search'>;
  /** Of these groups, those within the actor's admin scope. */
  groupsInScope(actor: Actor, groupIds: Id[]): Promise<Set<Id>>;
  history: History;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

export type Memberships = ReturnType<typeof createMemberships>;

/** Who is in what. */
export function createMemberships({
  store,
  users,
  groups,
  groupsInScope,
  history,
  audit,
  transact,
  now,
}: MembershipsOptions) {
  const ofUser = createGroupsOfUser({ store, users, groups, groupsInScope, history, audit, transact, now });
  const upkeep = createUpkeep({ store, groups, history, audit, transact, now });
  const { groupIds, allGroupsOf } = ofUser;
  const { groupsOfEach } = createListedGroups({ groups, groupIds, groupsInScope });

  /** Adds those who can be added, for the period of each; what became of each is in the answer. @throws GroupNotFound */
  async function add(
    actor: Actor,
    groupId: Id,
    named: Named,
    periodOf: Additions['periodOf'] = () => always,
  ): Promise<Item<AddOutcome>[]> {
    const group = await groups.getKnown(groupId);
    return transact(async () => {
      const at = now();
      const candidates = await onlySeen(actor, await store.candidates(groupId, named));
      const items = itemsOf(named, candidates, (candidate) => addOutcome(candidate, at));
      const added = subjectsOf(items, 'added');
      if (added.length > 0) {
        const nameOf = ({ id, name }: Subject) => ('userIds' in named ? id : name);
        const additions = added.map((each) => ({ userId: each.id, period: periodOf(nameOf(each)) }));
        // Those that have ended make room before they were settled.
        const over = endedAmong(candidates, added);
        const rejoining = over.map(({ user }) => user.id);
        if (rejoining.length > 0) await store.remove(groupId, rejoining);
        await store.add(groupId, additions, originOf(actor, at));
        await history.close(over, { closing: 'ended', endedBy: system.id });
        await audit.recordMany(actor, 'group.members_added', target(group), added);
      }
      return items;
    });
  }

  /** Adds customers to a group that is being created, and returns the IDs of those who were added. */
  async function addFirst(actor: Actor, groupId: Id, userIds: Id[]): Promise<Id[]> {
    const items = await add(actor, groupId, { userIds });
    return items.flatMap(({ userId, outcome }) => (outcome === 'added' && userId ? [userId] : []));
  }

  /** An administrator with an admin scope can only add users they may see; others do not exist for them. */
  async function onlySeen(actor: Actor, candidates: Candidate[]): Promise<Candidate[]> {
    if (!actor.adminScope) return candidates;
    const people = await users.findMany(candidates.map(({ id }) => id));
    const groupsOfEach = new Map(people.map((user) => [user.id, groupIds(user)]));
    const reached = await groupsInScope(actor, [...new Set([...groupsOfEach.values()].flat())]);
    return candidates.filter(({ id }) => groupsOfEach.get(id)?.some((group) => reached.has(group)));
  }

  /** Removes those who are members; what became of each is in the answer. @throws GroupNotFound */
  async function remove(actor: Actor, groupId: Id, named: Named): Promise<Item<RemoveOutcome>[]> {
    const group = await groups.getKnown(groupId);
    return transact(async () => {
      const candidates = await store.candidates(groupId, named);
      const items = itemsOf(named, candidates, (candidate) => removeOutcome(candidate, now()));
      const removed = subjectsOf(items, 'removed');
      if (removed.length > 0) {
        await store.remove(
          groupId,
          removed.map(({ id }) => id),
        );
        await history.close(endedAmong(candidates, removed), { closing: 'removed', endedBy: actor.id });
        await audit.recordMany(actor, 'group.members_removed', target(group), removed);
      }
      return items;
    });
  }

  /** @throws GroupNotFound, NotAMember */
  async function removeOne(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    const [item] = await remove(actor, groupId, { userIds: [userId] });
    if (item?.outcome !== 'removed') throw NotAMember();
  }

  /**
   * Extends or shortens a membership; what is left out stays.
   * @throws GroupNotFound, NotAMember, InvalidInput
   */
  async function setPeriod(actor: Actor, groupId: Id, userId: Id, change: PeriodChange): Promise<Membership> {
    return transact(async () => {
      const at = now();
      const group = await groups.get(groupId);
      const [candidate] = await store.candidates(groupId, { userIds: [userId] });
      const before = candidate?.membership;
      if (!before || hasEnded(before, at)) throw NotAMember();
      const { from = before.from, until = before.until } = change;
      const period = toPeriod({ from, until });
      assertPeriods([period], at, () => '#');
      const { from: _from, until: _until, ...rest } = before;
      if (isSamePeriod(before, period)) return before;
      await store.setPeriod(groupId, userId, period, at);
      const member = { user: candidate, membership: before };
      await history.close([member], { closing: 'changed', endedBy: actor.id });
      const subject = { id: candidate.id, name: candidate.username };
      await audit.record(actor, 'group.membership_changed', target(group), presentPeriod(period), [subject]);
      return { ...rest, ...period };
    });
  }

  /** A user and the membership, also if it has not begun. @throws GroupNotFound, NotAMember */
  async function member(groupId: Id, userId: Id): Promise<{ user: User; membership: Membership }> {
    await groups.get(groupId);
    const [user] = await users.findMany([userId]);
    const membership = user && ofUser.membershipIn(user, groupId);
    if (!membership || hasEnded(membership, now())) throw NotAMember();
    return { user, membership };
  }

  /** @throws GroupNotFound */
  const assertGroup = async (groupId: Id): Promise<void> => void (await groups.get(groupId));

  /** Profiles, with the membership in this group and no others. @throws GroupNotFound */
  async function membersOf(groupId: Id, criteria: UserCriteria, page: PageRequest): Promise<Page<User>> {
    await groups.getKnown(groupId);
    return users.searchMembers({ ...criteria, inGroup: groupId }, page);
  }

  /** The members of a group, the groups of a user. */
  async function impactOf({ kind, id }: Ref): Promise<Impact[]> {
    if (kind === 'user') return [impactOn('groups', await allGroupsOf(id))];
    if (kind !== 'group') return [];
    const page = { list: '', limit: EXAMPLES, withCount: true };
    const { items, count } = await users.searchMembers({ ...everybody, inGroup: id }, page);
    const examples = items.map((user) => ({ id: user.id, name: user.username }));
    return [{ kind: 'users', count: count!, examples }];
  }

  const owners = createOwners({
    store,
    users,
    groups,
    audit,
    transact,
    add,
    remove,
    setPeriod,
    member,
    membersOf,
  });

  /** Marks the memberships of a group that is deleted, to be purged. Joins the caller's transaction. */
  const markDeleted = ({ id, name = id, createdAt = now(), by = system.id }: Deleted): Promise<void> =>
    store.markDeleted({ id, name, createdAt, by, deletedAt: now() });

  return {
    ...owners,
    ...ofUser,
    ...upkeep,
    groupsOfEach,
    setPeriod,
    /** How many are directly in each of these groups; never counted far. */
    countsOf: (groupIds: Id[]) => store.countsOf(groupIds, now()),
    largest: (limit: number) => store.largest(limit, now()),
    markDeleted,
    add,
    addFirst,
    remove,
    removeOne,
    assertGroup,
    member,
    recordPast: history.close,
    endedSince: history.endedSince,
    endedOf: history.endedOf,
    membersOf,
    impactOf,
  };
}

const isSamePeriod = (a: Period, b: Period): boolean =>
  a.from?.getTime() === b.from?.getTime() && a.until?.getTime() === b.until?.getTime();

const subjectOf = ({ id, name }: Group): Subject => ({ id, name });
const target = (group: Group) => ({ kind: 'group', ...subjectOf(group) });

/** The memberships that some candidates had. */
function endedAmong(candidates: Candidate[], subjects: Subject[]) {
  const gone = new Set(subjects.map(({ id }) => id));
  return candidates.flatMap(({ id, username, membership }) =>
    membership && gone.has(id) ? [{ user: { id, username }, membership }] : [],
  );
}
