import type { Actor } from '../base/actor.ts';
import type { Id } from '../base/ids.ts';
import { GroupNotFound, type Group } from '../groups/group.ts';
import { UserNotFound, type Person } from '../users/user.ts';
import type { Request } from './authority.ts';
import { OutOfReach, type Reach } from './reach.ts';

export interface LimitsOptions {
  part: Reach['part'];
  findPerson(id: Id): Promise<Person | undefined>;
  findGroup(id: Id): Promise<Group | undefined>;
  groupsWithRole(roleId: Id, limit: number): Promise<Id[]>;
}

type Body = Partial<{
  users: { group_ids?: Id[] }[];
  group_ids: Id[];
  parent_id: Id | null;
  role_ids: Id[];
}>;

/** A role in more groups than these counts as one of theirs only if one of the first has it. */
const LOOKED_AT = 1000;

/**
 * What an administrator may call who is limited to certain groups. What is out of their reach is not there for them; what is
 * partly in it they see and do not change; and a call that nobody has thought of here is refused.
 */
export function createLimits({ part, findPerson, findGroup, groupsWithRole }: LimitsOptions) {
  /** @throws OutOfReach, UserNotFound, GroupNotFound */
  async function authorize(actor: Actor, { method, path, params, query, body }: Request): Promise<void> {
    const { user_id: userId, group_id: groupId } = params as { user_id?: Id; group_id?: Id };
    const group = groupId ? await reachGroup(actor, groupId) : undefined;
    const wanted = (body ?? {}) as Body;
    const { dry_run: isDry } = query as { dry_run?: boolean };
    switch (`${method} ${path}`) {
      case 'get /v1/users':
      case 'get /v1/groups':
        // These lists leave out what is out of reach.
        return;
      case 'get /v1/roles':
      case 'get /v1/roles/{role_id}':
      case 'get /v1/applications':
      case 'get /v1/applications/{client_id}':
      case 'get /v1/applications/{client_id}/claim-policy':
        return;
      case 'post /v1/users':
        // Somebody is thought of before their groups are.
        if (isDry && !wanted.group_ids) return;
        return placeNewcomers(actor, [wanted], () => '#');
      case 'post /v1/bulk/users':
        return placeNewcomers(actor, wanted.users ?? [], (index) => `#/users/${index}`);
      case 'post /v1/groups':
        if (!wanted.parent_id) throw outside('#/parent_id');
        return changeGroup(actor, undefined, wanted);
      case 'patch /v1/groups/{group_id}':
        return changeGroup(actor, group, wanted);
      case 'delete /v1/groups/{group_id}':
        return keepLimit(actor, group);
      case 'put /v1/users/{user_id}/groups':
        return moveUser(actor, await seePerson(actor, userId), wanted.group_ids ?? []);
      case 'put /v1/groups/{group_id}/owners/{user_id}':
        await seePerson(actor, userId);
        return;
      default:
        // Whoever is taken out of a group in reach, or ends to own it, need not be in reach otherwise.
        if (group) return;
        if (!userId) throw OutOfReach();
        await (method === 'get' ? seePerson(actor, userId) : reachWhole(actor, await seePerson(actor, userId)));
    }
  }

  async function reachGroup(actor: Actor, id: Id): Promise<Group> {
    const group = (await part(actor, [id])).within.has(id) ? await findGroup(id) : undefined;
    if (!group) throw GroupNotFound();
    return group;
  }

  /** Somebody is in reach who is in one of the groups. */
  async function seePerson(actor: Actor, id: Id = ''): Promise<Person> {
    const person = await findPerson(id);
    const ids = person?.memberships.map(({ group }) => group) ?? [];
    if (!person || (await part(actor, ids)).within.size === 0) throw UserNotFound();
    return person;
  }

  /** Changing somebody changes them for all their groups, so it takes to reach all of them, and those that they own. */
  async function reachWhole(actor: Actor, { memberships, ownerOf }: Person): Promise<void> {
    const { beyond } = await part(actor, [...memberships.map(({ group }) => group), ...ownerOf]);
    if (beyond.size > 0) throw OutOfReach();
  }

  /** Somebody new is created into groups in reach, since they would be out of it otherwise. */
  async function placeNewcomers(actor: Actor, users: { group_ids?: Id[] }[], at: (index: number) => string) {
    const { within } = await part(actor, [...new Set(users.flatMap(({ group_ids: ids = [] }) => ids))]);
    users.forEach(({ group_ids: ids = [] }, index) => {
      if (ids.length === 0 || !ids.every((id) => within.has(id))) throw outside(`${at(index)}/group_ids`);
    });
  }

  async function moveUser(actor: Actor, { memberships }: Person, wanted: Id[]): Promise<void> {
    const before = memberships.map(({ group }) => group);
    const changed = [...wanted.filter((id) => !before.includes(id)), ...before.filter((id) => !wanted.includes(id))];
    if ((await part(actor, changed)).beyond.size > 0) throw outside('#/group_ids');
  }

  async function changeGroup(
    actor: Actor,
    group: Group | undefined,
    { parent_id: parentId, role_ids: roles = [] }: Body,
  ) {
    if (parentId !== undefined && parentId !== (group?.parentId ?? null)) {
      await keepLimit(actor, group);
      if (!parentId || (await part(actor, [parentId])).within.size === 0) throw outside('#/parent_id');
    }
    const added = roles.filter((id) => !group?.roleIds.includes(id));
    for (const id of added) if (!(await givesRole(actor, id))) throw outside('#/role_ids');
  }

  /** Through a group of theirs that has a role they could give it anyway. */
  const givesRole = async (actor: Actor, roleId: Id) =>
    (await part(actor, await groupsWithRole(roleId, LOOKED_AT))).within.size > 0;

  /** The groups that somebody is limited to were given by somebody else, and stay where they are. */
  async function keepLimit({ limitedTo = [] }: Actor, group: Group | undefined): Promise<void> {
    if (group && limitedTo.includes(group.id)) throw OutOfReach();
  }

  return { authorize };
}

function outside(pointer: string) {
  return OutOfReach({ faults: [{ pointer, detail: 'is outside of the groups that you look after' }] });
}
