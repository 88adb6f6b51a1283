import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { Fault } from '../base/errors.ts';
import type { Id } from '../base/ids.ts';
import type { Page, PageRequest } from '../base/paging.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Group } from '../groups/group.ts';
import type { UserCriteria } from '../users/user-search.ts';
import type { Person, UserStore } from '../users/user.ts';
import {
  NotAMember,
  OnlyCustomers,
  UnknownUser,
  type Added,
  type MembershipStore,
  type Removed,
} from './membership.ts';

const SWEEP_BATCH = 1000;

export interface MembershipsOptions {
  store: MembershipStore;
  users: Pick<UserStore, 'findMany' | 'search'>;
  getUser(id: Id): Promise<Person>;
  getGroup(id: Id): Promise<Group>;
  groupsByIds(ids: Id[]): Promise<Group[]>;
  audit: Audit;
  transact: Transact;
  now: Clock;
}

export type Memberships = ReturnType<typeof createMemberships>;

/** Who is in what. */
export function createMemberships({
  store,
  users,
  getUser,
  getGroup,
  groupsByIds,
  audit,
  transact,
  now,
}: MembershipsOptions) {
  /** Adds all of them or, when one cannot be added, nobody. @throws GroupNotFound, UnknownUser, OnlyCustomers */
  async function add(actor: Actor, groupId: Id, userIds: Id[]): Promise<Added> {
    return transact(async () => {
      const group = await getGroup(groupId);
      refuseThoseWhoCannot(userIds, await users.findMany(userIds));
      const already = new Set(await store.membersAmong(groupId, userIds));
      const added = userIds.filter((id) => !already.has(id));
      if (added.length > 0) {
        await store.add(groupId, added, now(), actor.id);
        await audit.record(
          actor,
          'group.members_added',
          { kind: 'group', id: group.id, name: group.name },
          { user_ids: added },
        );
      }
      return { added, alreadyMembers: [...already] };
    });
  }

  /** Removes those who are members; the others are named in the answer. @throws GroupNotFound */
  async function remove(actor: Actor, groupId: Id, userIds: Id[]): Promise<Removed> {
    return transact(async () => {
      const group = await getGroup(groupId);
      const removed = await store.membersAmong(groupId, userIds);
      if (removed.length > 0) {
        await store.remove(groupId, removed);
        await audit.record(
          actor,
          'group.members_removed',
          { kind: 'group', id: group.id, name: group.name },
          { user_ids: removed },
        );
      }
      return { removed, notMembers: userIds.filter((id) => !removed.includes(id)) };
    });
  }

  /** @throws GroupNotFound, NotAMember */
  async function removeOne(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    const { removed } = await remove(actor, groupId, [userId]);
    if (removed.length === 0) throw NotAMember();
  }

  /** Entire profiles. @throws GroupNotFound */
  async function membersOf(groupId: Id, criteria: UserCriteria, page: PageRequest): Promise<Page<Person>> {
    await getGroup(groupId);
    return users.search({ ...criteria, inGroup: groupId }, page);
  }

  /** Ordered by name. @throws UserNotFound */
  async function groupsOf(userId: Id): Promise<Group[]> {
    const person = await getUser(userId);
    const groups = await groupsByIds(person.memberships.map(({ group }) => group));
    return groups.sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Takes removed groups out of their former members' documents, a batch at a time. May be killed and run again. */
  async function sweepAbandoned(): Promise<void> {
    for (const groupId of await store.abandonedGroups()) {
      while ((await store.sweep(groupId, SWEEP_BATCH)) > 0);
      await store.forgetAbandoned(groupId);
    }
  }

  return { add, remove, removeOne, membersOf, groupsOf, sweepAbandoned };
}

function refuseThoseWhoCannot(userIds: Id[], people: Person[]): void {
  const kinds = new Map(people.map((person) => [person.id, person.kind]));
  const faultsOf = (isFaulty: (id: Id) => boolean, detail: string): Fault[] =>
    userIds.flatMap((id, index) => (isFaulty(id) ? [{ pointer: `#/user_ids/${index}`, detail }] : []));

  const unknown = faultsOf((id) => !kinds.has(id), 'is not the id of a user');
  if (unknown.length > 0) throw UnknownUser({ faults: unknown });
  const administrators = faultsOf((id) => kinds.get(id) !== 'customer', 'is an administrator');
  if (administrators.length > 0) throw OnlyCustomers({ faults: administrators });
}
