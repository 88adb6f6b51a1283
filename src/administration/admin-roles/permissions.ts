import { OutsideAdminScope, type Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import type { GroupRights, NewUserRights, Permissions } from '../../directory/access.ts';
import type { Application } from '../../directory/applications/application.ts';
import { GroupNotFound, type Group } from '../../directory/groups/group.ts';
import { RoleNotFound } from '../../directory/roles/role.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';
import type { AdminScope } from './admin-scope.ts';
import { assertMeets, type Need, type Policy, type UserState } from './policy.ts';

export interface PermissionsOptions {
  policy: Policy;
  adminScope: Pick<AdminScope, 'part' | 'visibleRoles'>;
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  findUser(id: Id): Promise<User | undefined>;
  findGroup(id: Id): Promise<Group | undefined>;
  findApplication(clientId: string): Promise<Application | undefined>;
}

/**
 * What an actor may do with a call: first what an admin scope allows, then what the policy says. What is outside of an
 * admin scope does not exist for the administrator; what is partly in it they see and do not change.
 */
export function createPermissions(options: PermissionsOptions): Permissions {
  const { policy, adminScope, groupIds, findUser, findGroup, findApplication } = options;
  const { part, visibleRoles } = adminScope;

  const needsOfUser = (user: User | undefined): Need[] => (user ? policy.changeUser(user) : []);
  const needsOfApplication = (application: Application | undefined): Need[] =>
    application ? policy.changeApplication(application) : [];

  async function groupInScope(actor: Actor, id: Id): Promise<Group | undefined> {
    if (!actor.adminScope) return undefined;
    const group = (await part(actor, [id])).within.has(id) ? await findGroup(id) : undefined;
    if (!group) throw GroupNotFound();
    return group;
  }

  /** A user is within the admin scope if one of their groups is. */
  async function userInScope(actor: Actor, id: Id): Promise<User | undefined> {
    const user = await findUser(id);
    if (!actor.adminScope) return user;
    if (!user || (await part(actor, groupIds(user))).within.size === 0) throw UserNotFound();
    return user;
  }

  /**
   * All of the user's groups must be inside the admin scope. An owner of a group is not changed at all: with the owner's
   * password an administrator could add anyone to the group, and then change them.
   */
  async function wholeUserInScope(actor: Actor, id: Id): Promise<User | undefined> {
    const user = await userInScope(actor, id);
    if (!actor.adminScope || !user) return user;
    const { beyond } = await part(actor, groupIds(user));
    if (beyond.size > 0 || user.ownerOf.length > 0) throw OutsideAdminScope();
    return user;
  }

  /** New users are created in groups within the admin scope, since they would be outside of it otherwise. */
  async function assertPlaced(actor: Actor, users: NewUserRights[], pointerOf: (index: number) => string) {
    const { within } = await part(actor, [...new Set(users.flatMap(({ group_ids: ids = [] }) => ids))]);
    users.forEach(({ group_ids: ids = [] }, index) => {
      if (ids.length === 0 || !ids.every((id) => within.has(id))) throw outside(`${pointerOf(index)}/group_ids`);
    });
  }

  async function assertGroupStays(actor: Actor, before: Group | undefined, rights: GroupRights): Promise<void> {
    const { parent_id: parentId, role_ids: roles = [] } = rights;
    if (parentId !== undefined && parentId !== (before?.parentId ?? null)) {
      assertNotRootOfScope(actor, before?.id);
      if (!parentId || (await part(actor, [parentId])).within.size === 0) throw outside('#/parent_id');
    }
    const added = roles.filter((id) => !before?.roleIds.includes(id));
    if (added.length === 0) return;
    // Through a group of theirs that has a role they could give it anyway.
    const visible = await visibleRoles(actor);
    if (added.some((id) => visible?.has(id) === false)) throw outside('#/role_ids');
  }

  return {
    async seeUser(actor, id) {
      await userInScope(actor, id);
    },
    async changeUser(actor, id) {
      assertMeets(actor, needsOfUser(await wholeUserInScope(actor, id)));
    },
    async createUsers(actor, users, { pointerOf, isPlacedLater = false }) {
      if (actor.adminScope && !isPlacedLater) await assertPlaced(actor, users, pointerOf);
      const needs = users.flatMap((user) => policy.writeUser(actor, undefined, toUserState(user)));
      assertMeets(actor, needs);
    },
    async setGroupsOfUser(actor, id, groupIds) {
      const user = await userInScope(actor, id);
      // Groups outside of the admin scope are not shown, so they are neither named nor left by what is named.
      const { within } = await part(actor, groupIds);
      if (actor.adminScope && groupIds.some((groupId) => !within.has(groupId))) throw outside('#/group_ids');
      assertMeets(actor, needsOfUser(user));
    },
    async setAdminRoles(actor, id, rights) {
      const user = await wholeUserInScope(actor, id);
      if (user) assertMeets(actor, policy.setAdminRoles(user, rights));
    },
    async seeGroup(actor, id) {
      await groupInScope(actor, id);
    },
    async createGroup(actor, rights) {
      if (!actor.adminScope) return;
      if (!rights.parent_id) throw outside('#/parent_id');
      await assertGroupStays(actor, undefined, rights);
    },
    async changeGroup(actor, id, rights) {
      const group = await groupInScope(actor, id);
      if (group) await assertGroupStays(actor, group, rights);
    },
    async deleteGroup(actor, id) {
      await groupInScope(actor, id);
      assertNotRootOfScope(actor, id);
    },
    async removeFromGroup(actor, groupId, userId) {
      await groupInScope(actor, groupId);
      assertMeets(actor, needsOfUser(await findUser(userId)));
    },
    async addOwner(actor, groupId, userId) {
      await groupInScope(actor, groupId);
      const user = await userInScope(actor, userId);
      assertUnlimited(actor);
      assertMeets(actor, needsOfUser(user));
    },
    async seeRole(actor, id) {
      if ((await visibleRoles(actor))?.has(id) === false) throw RoleNotFound();
    },
    async createApplication(actor, scopes) {
      assertUnlimited(actor);
      assertMeets(actor, policy.writeApplication(undefined, { adminScopes: scopes }));
    },
    async changeApplication(actor, id, scopes) {
      assertUnlimited(actor);
      const application = await findApplication(id);
      const after = scopes ? { adminScopes: scopes } : undefined;
      const more = after ? policy.writeApplication(application, after) : [];
      assertMeets(actor, [...needsOfApplication(application), ...more]);
    },
    async disconnect(actor, userId, clientId) {
      const user = await wholeUserInScope(actor, userId);
      assertMeets(actor, [...needsOfUser(user), ...needsOfApplication(await findApplication(clientId))]);
    },
    async changeSettings(actor, settings) {
      assertUnlimited(actor);
      assertMeets(actor, policy.changeSettings(settings));
    },
  };
}

function assertUnlimited({ adminScope }: Actor): void {
  if (adminScope) throw OutsideAdminScope();
}

/** The groups of the admin scope itself cannot be moved or deleted. */
function assertNotRootOfScope({ adminScope = [] }: Actor, groupId: Id | undefined): void {
  if (groupId && adminScope.includes(groupId)) throw OutsideAdminScope();
}

const outside = (pointer: string) =>
  OutsideAdminScope({ faults: [{ pointer, detail: 'is outside of your admin scope' }] });

const toUserState = (user: NewUserRights): UserState => ({
  kind: user.kind ?? 'customer',
  adminRoles: user.admin_roles ?? [],
  adminScope: user.admin_scope?.group_ids,
  groupIds: user.group_ids ?? [],
  ownerOf: [],
});
