import type { Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { everyGroup } from '../groups/group-search.ts';
import { GroupNotFound, type Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { UserCriteria } from '../users/user-search.ts';
import type { User } from '../users/user.ts';
import type { Users } from '../users/users.ts';
import type { Membership, PeriodChange } from './period.ts';
import {
  MOST_OWNERS,
  NotAnOwner,
  TooManyOwners,
  type AddOutcome,
  type Item,
  type MembershipStore,
  type Named,
  type RemoveOutcome,
} from './membership.ts';

export interface OwnersOptions {
  store: Pick<MembershipStore, 'ownersOf' | 'addOwner' | 'removeOwner'>;
  users: Pick<Users, 'get'>;
  groups: Pick<Groups, 'get' | 'search'>;
  add(actor: Actor, groupId: Id, named: Named): Promise<Item<AddOutcome>[]>;
  remove(actor: Actor, groupId: Id, named: Named): Promise<Item<RemoveOutcome>[]>;
  setPeriod(actor: Actor, groupId: Id, userId: Id, change: PeriodChange): Promise<Membership>;
  member(groupId: Id, userId: Id): Promise<{ user: User; membership: Membership }>;
  membersOf(groupId: Id, criteria: UserCriteria, page: PageRequest): Promise<Page<User>>;
  audit: Audit;
  transact: Transact;
}

/** Who may manage the members of a group in My Account, without being an administrator. */
export function createOwners(options: OwnersOptions) {
  const { store, users, groups, add, remove, setPeriod, member, membersOf, audit, transact } = options;

  /** @throws GroupNotFound */
  async function ownersOf(groupId: Id): Promise<User[]> {
    await groups.get(groupId);
    return store.ownersOf(groupId);
  }

  /** @throws GroupNotFound, UserNotFound, TooManyOwners */
  async function addOwner(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    await transact(async () => {
      const group = await groups.get(groupId);
      const user = await users.get(userId);
      if (!(await store.addOwner(groupId, userId))) return;
      if ((await store.ownersOf(groupId)).length > MOST_OWNERS) throw TooManyOwners();
      await audit.record(actor, 'group.owner_added', target(group), {}, [subjectOf(user)]);
    });
  }

  /** @throws GroupNotFound, UserNotFound, NotAnOwner */
  async function removeOwner(actor: Actor, groupId: Id, userId: Id): Promise<void> {
    await transact(async () => {
      const group = await groups.get(groupId);
      const user = await users.get(userId);
      if (!(await store.removeOwner(groupId, userId))) throw NotAnOwner();
      await audit.record(actor, 'group.owner_removed', target(group), {}, [subjectOf(user)]);
    });
  }

  /** Ordered by name. */
  const ownedBy = ({ ownerOf }: User, page: PageRequest): Promise<Page<Group>> =>
    groups.search({ ...everyGroup, scopeGroups: ownerOf }, page);

  /** What an owner sees: the group and a page of its members. @throws GroupNotFound to anybody else */
  async function membersAsOwner(ownerId: Id, groupId: Id, criteria: UserCriteria, page: PageRequest) {
    await assertOwner(ownerId, groupId);
    return { group: await groups.get(groupId), members: await membersOf(groupId, criteria, page) };
  }

  /** @throws GroupNotFound to who is not an owner */
  async function addAsOwner(owner: Actor, groupId: Id, named: Named): Promise<Item<AddOutcome>[]> {
    return transact(async () => {
      await assertOwner(owner.id, groupId);
      return add(owner, groupId, named);
    });
  }

  /** @throws GroupNotFound to who is not an owner */
  async function removeAsOwner(owner: Actor, groupId: Id, named: Named): Promise<Item<RemoveOutcome>[]> {
    return transact(async () => {
      await assertOwner(owner.id, groupId);
      return remove(owner, groupId, named);
    });
  }

  /** A member and the membership, also if it has not begun. @throws GroupNotFound to anybody else, NotAMember */
  async function memberAsOwner(ownerId: Id, groupId: Id, userId: Id) {
    await assertOwner(ownerId, groupId);
    const { user, membership } = await member(groupId, userId);
    return { group: await groups.get(groupId), member: user, membership };
  }

  /** @throws GroupNotFound to who is not an owner, NotAMember, InvalidInput */
  async function setPeriodAsOwner(owner: Actor, groupId: Id, userId: Id, change: PeriodChange): Promise<Membership> {
    return transact(async () => {
      await assertOwner(owner.id, groupId);
      return setPeriod(owner, groupId, userId, change);
    });
  }

  async function assertOwner(userId: Id, groupId: Id): Promise<void> {
    if (!(await users.get(userId)).ownerOf.includes(groupId)) throw GroupNotFound();
  }

  return {
    membersAsOwner,
    memberAsOwner,
    addAsOwner,
    removeAsOwner,
    setPeriodAsOwner,
    ownersOf,
    addOwner,
    removeOwner,
    ownedBy,
  };
}

const subjectOf = ({ id, username }: User) => ({ id, name: username });
const target = ({ id, name }: Group) => ({ kind: 'group', id, name });
