import { system, type Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import { EXAMPLES, impactOn, type Impact, type Ref } from '../../platform/impact.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Subject } from '../audit/audit-event.ts';
import { everyGroup } from '../groups/group-search.ts';
import { UnknownGroup, type Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import { everybody, type UserCriteria } from '../users/user-search.ts';
import { OnlyCustomersInGroups, type Membership, type User } from '../users/user.ts';
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
import { createOwners } from './owners.ts';

const PURGE_BATCH = 1000;

export interface MembershipsOptions {
  store: MembershipStore;
  users: Pick<Users, 'get' | 'findMany' | 'search'>;
  groups: Pick<Groups, 'get' | 'findMany' | 'search'>;
  /** Of these groups, those within the actor's admin scope. */
  groupsInScope(actor: Actor, groupIds: Id[]): Promise<Set<Id>>;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

export type Memberships = ReturnType<typeof createMemberships>;

/** Who is in what. */
export function createMemberships({ store, users, groups, groupsInScope, audit, transact, now }: MembershipsOptions) {
  /** Adds those who can be added; what became of each is in the answer. @throws GroupNotFound */
  async function add(actor: Actor, groupId: Id, named: Named): Promise<Item<AddOutcome>[]> {
    return transact(async () => {
      const group = await groups.get(groupId);
      const candidates = await onlySeen(actor, await store.candidates(groupId, named));
      const items = itemsOf(named, candidates, addOutcome);
      const added = subjectsOf(items, 'added');
      if (added.length > 0) {
        await store.add(
          groupId,
          added.map(({ id }) => id),
          now(),
          actor.id,
        );
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
    return transact(async () => {
      const group = await groups.get(groupId);
      const items = itemsOf(named, await store.candidates(groupId, named), removeOutcome);
      const removed = subjectsOf(items, 'removed');
      if (removed.length > 0) {
        await store.remove(
          groupId,
          removed.map(({ id }) => id),
        );
        await audit.recordMany(actor, 'group.members_removed', target(group), removed);
      }
      return items;
    });
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
        await store.change(userId, change, now(), actor.id);
        const about = { kind: 'user', id: user.id, name: user.username };
        if (added.length > 0) await audit.recordMany(actor, 'user.groups_added', about, added.map(subjectOf));
        if (removed.length > 0) await audit.recordMany(actor, 'user.groups_removed', about, removed.map(subjectOf));
      }
    });
  }

  async function knownGroups(ids: Id[]): Promise<Group[]> {
    const found = await groups.findMany(ids);
    const known = new Set(found.map(({ id }) => id));
    const faults = ids.flatMap((id, index) =>
      known.has(id) ? [] : [{ pointer: `#/group_ids/${index}`, detail: 'is not the ID of a group' }],
    );
    if (faults.length > 0) throw UnknownGroup({ faults });
    return found;
  }

  /** @throws GroupNotFound, NotAMember */
  async function removeOne(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    const [item] = await remove(actor, groupId, { userIds: [userId] });
    if (item?.outcome !== 'removed') throw NotAMember();
  }

  /** Entire profiles. @throws GroupNotFound */
  async function membersOf(groupId: Id, criteria: UserCriteria, page: PageRequest): Promise<Page<User>> {
    await groups.get(groupId);
    return users.search({ ...criteria, inGroup: groupId }, page);
  }

  /** The IDs of those that the actor may see, sorted. @throws UserNotFound */
  async function groupIdsOf(userId: Id, actor: Actor): Promise<Id[]> {
    return [...(await groupsInScope(actor, groupIds(await users.get(userId))))].sort();
  }

  /** Those that the actor may see; ordered by name. @throws UserNotFound */
  async function groupsOf(userId: Id, page: PageRequest, actor: Actor = system): Promise<Page<Group>> {
    return groups.search({ ...everyGroup, scopeGroups: await groupIdsOf(userId, actor) }, page);
  }

  /** All of them, for those who take their data along; ordered by name. @throws UserNotFound */
  async function allGroupsOf(userId: Id): Promise<Group[]> {
    return byName(await groups.findMany(await groupIdsOf(userId, system)));
  }

  /** The members of a group, the groups of a user. */
  async function impactOf({ kind, id }: Ref): Promise<Impact[]> {
    if (kind === 'user') return [impactOn('groups', await allGroupsOf(id))];
    if (kind !== 'group') return [];
    const page = { list: '', limit: EXAMPLES, withCount: true };
    const { items, count } = await users.search({ ...everybody, inGroup: id }, page);
    const examples = items.map((user) => ({ id: user.id, name: user.username }));
    return [{ kind: 'users', count: count!, examples }];
  }

  /** Purges deleted groups from their members' documents, in blocks. May be stopped and run again. */
  async function purgeDeleted(stopping?: AbortSignal): Promise<void> {
    for (const groupId of await store.deletedGroups()) {
      while ((await store.purge(groupId, PURGE_BATCH)) > 0) if (stopping?.aborted) return;
      await store.forgetDeleted(groupId);
    }
  }

  /** The memberships that a user has now. The rest of the code asks here and reads no stored membership. */
  const current = ({ memberships }: Pick<User, 'memberships'>): Membership[] => memberships;

  /** The groups that a user is directly in now. */
  const groupIds = (user: Pick<User, 'memberships'>): Id[] => current(user).map(({ group }) => group);

  const owners = createOwners({ store, users, groups, audit, transact, add, remove, membersOf });

  /** Marks the memberships of a group that is deleted, to be purged. Joins the caller's transaction. */
  const markDeleted = (groupId: Id): Promise<void> => store.markDeleted(groupId);

  return {
    ...owners,
    current,
    groupIds,
    largest: store.largest,
    markDeleted,
    add,
    addFirst,
    remove,
    removeOne,
    setGroups,
    membersOf,
    groupIdsOf,
    groupsOf,
    allGroupsOf,
    impactOf,
    purgeDeleted,
  };
}

function addOutcome({ isCustomer, isMember }: Candidate): AddOutcome {
  if (!isCustomer) return 'not_a_customer';
  return isMember ? 'already_member' : 'added';
}

function removeOutcome({ isMember }: Candidate): RemoveOutcome {
  return isMember ? 'removed' : 'not_a_member';
}

/** One item for each of the named, in the order in which they were named. */
function itemsOf<Outcome>(
  named: Named,
  candidates: Candidate[],
  outcomeOf: (candidate: Candidate) => Outcome,
): Item<Outcome | 'no_such_user'>[] {
  const byId = 'userIds' in named;
  const found = new Map(candidates.map((candidate) => [byId ? candidate.id : candidate.username, candidate]));
  return (byId ? named.userIds : named.usernames).map((name) => {
    const candidate = found.get(name);
    if (candidate) return { userId: candidate.id, username: candidate.username, outcome: outcomeOf(candidate) };
    return { userId: byId ? name : null, username: byId ? null : name, outcome: 'no_such_user' };
  });
}

function subjectsOf<Outcome>(items: Item<Outcome>[], outcome: Outcome): Subject[] {
  return items.flatMap((item) =>
    item.outcome === outcome && item.userId && item.username ? [{ id: item.userId, name: item.username }] : [],
  );
}

const subjectOf = ({ id, name }: Group): Subject => ({ id, name });
const target = (group: Group) => ({ kind: 'group', ...subjectOf(group) });
const byName = (groups: Group[]) => groups.sort((a, b) => (a.name < b.name ? -1 : 1));

function without(groups: Group[], others: Group[]): Group[] {
  const known = new Set(others.map(({ id }) => id));
  return groups.filter(({ id }) => !known.has(id));
}
