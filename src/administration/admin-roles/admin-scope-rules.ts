import { OutOfReach, type Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import { GroupNotFound, type Group } from '../../directory/groups/group.ts';
import { RoleNotFound } from '../../directory/roles/role.ts';
import { UserNotFound, type Person } from '../../directory/users/user.ts';
import type { ApiRequest } from './api-request.ts';
import type { Reach } from './admin-scope.ts';

export interface LimitsOptions {
  reach: Pick<Reach, 'part' | 'visibleRoles'>;
  findPerson(id: Id): Promise<Person | undefined>;
  findGroup(id: Id): Promise<Group | undefined>;
}

type Body = Partial<{
  users: { group_ids?: Id[] }[];
  group_ids: Id[];
  parent_id: Id | null;
  role_ids: Id[];
}>;

export type Limits = ReturnType<typeof createLimits>;

/**
 * What an administrator may call who is limited to certain groups. What is out of their reach is not there for them; what is
 * partly in it they see and do not change; and a call that nobody has thought of here is refused.
 */
export function createLimits({ reach, findPerson, findGroup }: LimitsOptions) {
  const { part, visibleRoles } = reach;

  /** @throws OutOfReach, UserNotFound, GroupNotFound, RoleNotFound */
  async function authorize(actor: Actor, { method, path, params, query, body }: ApiRequest): Promise<void> {
    const {
      user_id: userId,
      group_id: groupId,
      role_id: roleId,
    } = params as { user_id?: Id; group_id?: Id; role_id?: Id };
    const group = groupId ? await reachGroup(actor, groupId) : undefined;
    const wanted = (body ?? {}) as Body;
    const { dry_run: isDry } = query as { dry_run?: boolean };
    switch (`${method} ${path}`) {
      case 'get /v1/users':
      case 'get /v1/groups':
      case 'get /v1/roles':
        // These lists leave out what is outside of the admin scope.
        return;
      case 'get /v1/roles/{role_id}':
        return seeRole(actor, roleId);
      case 'get /v1/applications':
      case 'get /v1/applications/{client_id}':
      case 'get /v1/applications/{client_id}/claim-policy':
        return;
      case 'post /v1/users':
        // The user is checked before their groups.
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
        await seePerson(actor, userId);
        return placeInside(actor, wanted.group_ids ?? []);
      case 'put /v1/groups/{group_id}/owners/{user_id}':
        await seePerson(actor, userId);
        // An owner adds anyone to the group, which this administrator may not do.
        throw OutOfReach();
      default:
        // Users who are removed from a group within the admin scope, as members or owners, need not be in it otherwise.
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

  /** A user is within the admin scope if one of their groups is. */
  async function seePerson(actor: Actor, id: Id = ''): Promise<Person> {
    const person = await findPerson(id);
    const ids = person?.memberships.map(({ group }) => group) ?? [];
    if (!person || (await part(actor, ids)).within.size === 0) throw UserNotFound();
    return person;
  }

  /**
   * Changing a user changes them for all their groups, so all of these must be inside the admin scope. An owner of a group is
   * not changed at all: with the owner's password an administrator could add anyone to the group, and then change them.
   */
  async function reachWhole(actor: Actor, { memberships, ownerOf }: Person): Promise<void> {
    const groups = memberships.map(({ group }) => group);
    const { beyond } = await part(actor, groups);
    if (beyond.size > 0 || ownerOf.length > 0) throw OutOfReach();
  }

  async function seeRole(actor: Actor, id: Id = ''): Promise<void> {
    if ((await visibleRoles(actor))?.has(id) === false) throw RoleNotFound();
  }

  /** New users are created in groups within the admin scope, since they would be outside of it otherwise. */
  async function placeNewcomers(actor: Actor, users: { group_ids?: Id[] }[], at: (index: number) => string) {
    const { within } = await part(actor, [...new Set(users.flatMap(({ group_ids: ids = [] }) => ids))]);
    users.forEach(({ group_ids: ids = [] }, index) => {
      if (ids.length === 0 || !ids.every((id) => within.has(id))) throw outside(`${at(index)}/group_ids`);
    });
  }

  /** Groups outside of the admin scope are not shown, so they are neither named nor left by what is named. */
  async function placeInside(actor: Actor, wanted: Id[]): Promise<void> {
    const { within } = await part(actor, wanted);
    if (wanted.some((id) => !within.has(id))) throw outside('#/group_ids');
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
    if (added.length === 0) return;
    // Through a group of theirs that has a role they could give it anyway.
    const visible = await visibleRoles(actor);
    if (added.some((id) => visible?.has(id) === false)) throw outside('#/role_ids');
  }

  /** The groups of the admin scope itself cannot be moved or deleted. */
  async function keepLimit({ limitedTo = [] }: Actor, group: Group | undefined): Promise<void> {
    if (group && limitedTo.includes(group.id)) throw OutOfReach();
  }

  return { authorize };
}

function outside(pointer: string) {
  return OutOfReach({ faults: [{ pointer, detail: 'is outside of your admin scope' }] });
}
