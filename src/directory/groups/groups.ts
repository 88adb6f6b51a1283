import type { Actor } from '../../platform/actor.ts';
import { changedFields, pickFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import { NAME_FAULTS } from '../../platform/names.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import { EXAMPLES, type Impact, type Ref, type Deleted } from '../../platform/impact.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import { everyGroup, type GroupCriteria } from './group-search.ts';
import { withChildren, withParents } from './ancestry.ts';
import { formerNamesAfter, MOST_FORMER_NAMES } from './former-names.ts';
import { createPlacement } from './placement.ts';
import { createTakenName, type TakenNameOptions } from './taken-name.ts';
import {
  presentGroup,
  FormerNameNotFound,
  GroupNameTaken,
  GroupNameWithComma,
  GroupNotFound,
  TooManyFormerNames,
  UnknownMember,
  UnknownRole,
  type Group,
  type GroupChange,
  type GroupStore,
  type NewGroup,
} from './group.ts';

export interface GroupsOptions {
  store: GroupStore;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  /** Of these role ids, those that exist. */
  existingRoles(ids: Id[]): Promise<Id[]>;
  /** Puts customers into a group that was just made and answers who they are; runs in the transaction that makes it. */
  addMembers(actor: Actor, groupId: Id, userIds: Id[]): Promise<Id[]>;
  /** The groups that this process knows. */
  cache: Pick<WatchedCache<Group>, 'get' | 'getMany' | 'forget' | 'version'>;
  /** Of these groups, those that the actor may see. */
  visibleGroups: TakenNameOptions['visibleGroups'];
  /** Deletes what all modules keep about something; runs in the transaction that deletes it. */
  onDelete(deleted: Deleted): Promise<void>;
}

export type Groups = ReturnType<typeof createGroups>;

export function createGroups({
  store,
  audit,
  transact,
  newId,
  now,
  existingRoles,
  addMembers,
  cache,
  visibleGroups,
  onDelete,
}: GroupsOptions) {
  const placement = createPlacement(store);
  const names = createTakenName({ store, visibleGroups });

  /** With its first members, or not at all. @throws GroupNameTaken, GroupNameWithComma, UnknownRole, UnknownGroup, NestingTooDeep, UnknownMember */
  async function create(actor: Actor, wanted: NewGroup): Promise<Group> {
    const { name, description, custom_data, role_ids, parent_id: parentId, requires_second_factor } = wanted;
    const { member_ids: memberIds = [], end_notice_days: endNoticeDays } = wanted;
    const at = now();
    const group: Group = {
      id: newId(),
      name,
      formerNames: [],
      description,
      ...(parentId ? { parentId } : {}),
      roleIds: role_ids,
      requiresSecondFactor: requires_second_factor,
      ...(endNoticeDays ? { endNoticeDays } : {}),
      customData: custom_data,
      createdAt: at,
      updatedAt: at,
    };
    assertNoComma(name);
    const wantedName = { name, parentId: group.parentId };
    // In a transaction of others, a name that is taken would end that one, and nothing could be said about it any more.
    const looksFirst = transact.isUnderWay();
    const work = async () => {
      await assertKnownRoles(role_ids);
      if (parentId) await placement.assertPossibleParent(parentId, undefined);
      if (looksFirst) await names.assertFree(actor, wantedName);
      if ((await store.insert(group)) === 'duplicate') throw nameTaken();
      await audit.record(actor, 'group.created', target(group));
      if (memberIds.length > 0) await addFirstMembers(actor, group.id, memberIds);
      return group;
    };
    return looksFirst ? transact(work) : names.claim(actor, wantedName, () => transact(work));
  }

  async function addFirstMembers(actor: Actor, groupId: Id, userIds: Id[]): Promise<void> {
    const added = new Set(await addMembers(actor, groupId, [...new Set(userIds)]));
    const faults = userIds.flatMap((id, index) =>
      added.has(id) ? [] : [{ pointer: `#/member_ids/${index}`, detail: 'is not the ID of a customer' }],
    );
    if (faults.length > 0) throw UnknownMember({ faults });
  }

  /** @throws GroupNotFound */
  async function get(id: Id): Promise<Group> {
    const group = await store.find(id);
    if (!group) throw GroupNotFound();
    return group;
  }

  /** As this process knows it: for what is read, and not for what is changed. @throws GroupNotFound */
  async function getKnown(id: Id): Promise<Group> {
    const group = await cache.get(id);
    if (!group) throw GroupNotFound();
    return group;
  }

  const search = (criteria: GroupCriteria, page: PageRequest): Promise<Page<Group>> => store.search(criteria, page);

  /** @throws GroupNotFound, GroupNameTaken, GroupNameWithComma, UnknownRole, UnknownGroup, GroupCycle, NestingTooDeep, TooManyFormerNames */
  async function update(actor: Actor, id: Id, change: GroupChange): Promise<Group> {
    const work = async () => {
      const before = await get(id);
      const fields = changedFields(change, presentGroup(before));
      // A name that has one from before stays as it is.
      if (change.name && fields.includes('name')) assertNoComma(change.name);
      await assertKnownRoles(change.role_ids ?? []);
      if (change.parent_id) await placement.assertPossibleParent(change.parent_id, id);
      if (fields.length === 0) return before;
      const parentId = change.parent_id === undefined ? before.parentId : (change.parent_id ?? undefined);
      if (change.name && fields.includes('name'))
        await names.assertFree(actor, { name: change.name, parentId, groupId: id });
      const isRenamed = change.name !== undefined && change.name !== before.name;
      if (isRenamed) assertFewFormerNames(before, change.name!, now());
      const outcome = await store.update(id, pickFields(change, fields), now());
      if (outcome === 'duplicate') throw nameTaken();
      if (outcome === 'missing') throw GroupNotFound();
      await audit.record(actor, 'group.updated', target(outcome), {
        fields,
        ...(isRenamed ? { former_name: before.name } : {}),
      });
      return outcome;
    };
    return transact(work, () => cache.forget(id));
  }

  /** Other groups can have it from then on. @throws GroupNotFound, FormerNameNotFound */
  async function removeFormerName(actor: Actor, id: Id, name: string): Promise<void> {
    const work = async () => {
      await get(id);
      const group = await store.removeFormerName(id, name, now());
      if (!group) throw FormerNameNotFound();
      await audit.record(actor, 'group.former_name_removed', target(group), { former_name: name });
    };
    await transact(work, () => cache.forget(id));
  }

  /** It disappears from all claims and lists immediately; the members' documents are purged afterwards. @throws GroupNotFound, GroupHasSubgroups */
  async function remove(actor: Actor, id: Id): Promise<void> {
    const work = async () => {
      await placement.assertNoSubgroups(id);
      const group = await store.remove(id);
      if (!group) throw GroupNotFound();
      const { name, createdAt } = group;
      await onDelete({ kind: 'group', id, name, createdAt, by: actor.id });
      await audit.record(actor, 'group.deleted', target(group));
    };
    await transact(work, () => cache.forget(id));
  }

  /** The groups that have a role. */
  async function impactOf({ kind, id }: Ref): Promise<Impact[]> {
    if (kind !== 'role') return [];
    const page = { list: '', limit: EXAMPLES, withCount: true };
    const { items, count } = await store.search({ ...everyGroup, roleId: id }, page);
    return [{ kind: 'groups', count: count!, examples: items.map((group) => ({ id: group.id, name: group.name })) }];
  }

  async function assertKnownRoles(ids: Id[]): Promise<void> {
    if (ids.length === 0) return;
    const known = new Set(await existingRoles(ids));
    const faults = ids.flatMap((id, index) =>
      known.has(id) ? [] : [{ pointer: `#/role_ids/${index}`, detail: 'is not the ID of a role' }],
    );
    if (faults.length > 0) throw UnknownRole({ faults });
  }

  /** Of these IDs, those of groups. */
  const existing = async (ids: Id[]): Promise<Id[]> => (await store.findMany(ids)).map(({ id }) => id);

  /** The groups with a role and their subgroups, at most `limit`. */
  const withRole = async (roleId: Id, limit: number): Promise<Id[]> =>
    withChildren(await store.withRole(roleId, limit), store.childrenOf, limit);

  /** These groups and their subgroups, at most `limit`. */
  const withSubgroups = (ids: Id[], limit: number): Promise<Id[]> => withChildren(ids, store.childrenOf, limit);

  /** These groups and their parent groups, as this process knows them. */
  const withParentsOf = (ids: Id[]): Promise<Group[]> => withParents(ids, cache.getMany);

  /** Takes a role that is deleted from every group. */
  const takeRole = (roleId: Id): Promise<void> => store.takeRole(roleId, now());

  return {
    create,
    get,
    getKnown,
    find: store.find,
    findMany: store.findMany,
    existing,
    cached: cache.getMany,
    forget: cache.forget,
    version: cache.version,
    lockTree: store.lockTree,
    withParents: withParentsOf,
    withSubgroups,
    withRole,
    withEndNotice: store.withEndNotice,
    childrenOf: store.childrenOf,
    rolesOf: store.rolesOf,
    search,
    findByNames: store.findByNames,
    update,
    removeFormerName,
    takeRole,
    remove,
    impactOf,
  };
}

function assertNoComma(name: string): void {
  if (name.includes(',')) throw GroupNameWithComma({ faults: [{ pointer: '#/name', detail: NAME_FAULTS.comma }] });
}

function assertFewFormerNames(group: Group, wanted: string, at: Date): void {
  if (formerNamesAfter(group, wanted, at).length > MOST_FORMER_NAMES) throw TooManyFormerNames();
}

/** For one of several at the same moment. */
const nameTaken = () => GroupNameTaken({ faults: [{ pointer: '#/name', detail: 'belongs to another group' }] });

function target(group: Group) {
  return { kind: 'group', id: group.id, name: group.name };
}
