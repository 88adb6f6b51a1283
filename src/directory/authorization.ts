import { requireScopes } from '../platform/actor.ts';
import type { Id } from '../platform/ids.ts';
import { unlimited, visibleOnly, type Authorization } from '../platform/http/authorization.ts';
import type { GroupRights, NewUserRights } from './access.ts';
import type { User } from './users/user.ts';

// What endpoints about users, groups, roles and applications require beyond their scope.

const IN_SCOPE = 'Groups within the admin scope.';
const WHOLE_USERS = 'Users whose groups are all within the admin scope and who own no group.';
const POWERS_OF_USER = 'Every scope that the user has as an administrator.';
const POWERS_OF_APPLICATION = 'Every scope that the application has.';

type UserParams = { user_id: Id };
type GroupParams = { group_id: Id };
type ApplicationParams = { client_id: string };

export const onUser = (act: 'read' | 'change'): Authorization<UserParams> =>
  act === 'read'
    ? {
        withAdminScope: 'Users with a group within the admin scope.',
        assert: (access, { actor, params }) => access.seeUser(actor, params.user_id),
      }
    : {
        withAdminScope: WHOLE_USERS,
        alsoRequires: POWERS_OF_USER,
        assert: (access, { actor, params }) => access.changeUser(actor, params.user_id),
      };

/** For lists of users, also with their groups. */
export const listedUsers: Authorization = {
  withAdminScope: visibleOnly.withAdminScope,
  alsoRequires: '`groups:read` with `groups=true`.',
  async assert(_access, { actor, query }) {
    const { groups = false } = query as { groups?: boolean };
    if (groups) requireScopes(actor, ['groups:read']);
  },
};

/** For what an application receives about a user, and why, also of a group that the query names. */
export const previewOfUser: Authorization<UserParams> = {
  withAdminScope: `${onUser('read').withAdminScope} Groups within the admin scope.`,
  alsoRequires: '`users:read` and `groups:read`.',
  async assert(access, { actor, params, query }) {
    requireScopes(actor, ['users:read', 'groups:read']);
    await access.seeUser(actor, params.user_id);
    const { group_id: groupId } = query as { group_id?: Id };
    if (groupId) await access.seeGroup(actor, groupId);
  },
};

/** For what an application reads about a user. */
export const claimsOfUser: Authorization<UserParams> = {
  withAdminScope: onUser('read').withAdminScope,
  alsoRequires: '`users:read`.',
  async assert(access, { actor, params }) {
    requireScopes(actor, ['users:read']);
    await access.seeUser(actor, params.user_id);
  },
};

const NEW_USERS: Pick<Authorization, 'withAdminScope' | 'alsoRequires'> = {
  withAdminScope: 'Users in at least one group, all within the admin scope.',
  alsoRequires:
    '`groups:write` for users in groups, unless the actor has an admin scope; `administrators:write` and every scope of their roles for administrators.',
};

export const newUser: Authorization<unknown, NewUserRights> = {
  ...NEW_USERS,
  assert(access, { actor, query, body = {} }) {
    const { dry_run: isDry = false } = query as { dry_run?: boolean };
    return access.createUsers(actor, [body], { pointerOf: () => '#', isPlacedLater: isDry && !body.group_ids });
  },
};

export const newUsers: Authorization<unknown, { users: NewUserRights[] }> = {
  ...NEW_USERS,
  assert: (access, { actor, body }) =>
    access.createUsers(actor, body?.users ?? [], { pointerOf: (index) => `#/users/${index}` }),
};

export const groupsOfUser: Authorization<UserParams, { group_ids: Id[] }> = {
  withAdminScope: 'Users with a group within the admin scope. Groups outside of it are neither named nor changed.',
  alsoRequires: POWERS_OF_USER,
  assert: (access, { actor, params, body }) => access.setGroupsOfUser(actor, params.user_id, body?.group_ids ?? []),
};

export const adminRolesOfUser: Authorization<
  UserParams,
  { roles: User['adminRoles']; admin_scope?: { group_ids: Id[] } | null | undefined }
> = {
  withAdminScope: 'Not allowed: administrators are in no group.',
  alsoRequires: 'Every scope that the administrator has before and after.',
  assert: (access, { actor, params, body }) =>
    access.setAdminRoles(actor, params.user_id, {
      adminRoles: body?.roles ?? [],
      adminScope: body?.admin_scope?.group_ids,
    }),
};

export const onGroup: Authorization<GroupParams> = {
  withAdminScope: IN_SCOPE,
  assert: (access, { actor, params }) => access.seeGroup(actor, params.group_id),
};

export const newGroup: Authorization<unknown, GroupRights> = {
  withAdminScope: 'Subgroups of groups within the admin scope, with roles of groups within it.',
  assert: (access, { actor, body = {} }) => access.createGroup(actor, body),
};

export const changedGroup: Authorization<GroupParams, GroupRights> = {
  withAdminScope: `${IN_SCOPE} They can be moved within it, except those of the admin scope itself, and get roles of groups within it.`,
  assert: (access, { actor, params, body = {} }) => access.changeGroup(actor, params.group_id, body),
};

export const deletedGroup: Authorization<GroupParams> = {
  withAdminScope: `${IN_SCOPE} Not those of the admin scope itself.`,
  assert: (access, { actor, params }) => access.deleteGroup(actor, params.group_id),
};

export const onMember: Authorization<GroupParams & UserParams> = {
  withAdminScope: `${IN_SCOPE} The user may be in others too.`,
  alsoRequires: POWERS_OF_USER,
  assert: (access, { actor, params }) => access.removeFromGroup(actor, params.group_id, params.user_id),
};

/** An owner adds anyone to the group, which an administrator with an admin scope may not do. */
export const addedOwner: Authorization<GroupParams & UserParams> = {
  withAdminScope: 'Not allowed.',
  alsoRequires: POWERS_OF_USER,
  assert: (access, { actor, params }) => access.addOwner(actor, params.group_id, params.user_id),
};

export const onRole: Authorization<{ role_id: Id }> = {
  withAdminScope: 'Roles of groups within the admin scope.',
  assert: (access, { actor, params }) => access.seeRole(actor, params.role_id),
};

export const newApplication: Authorization<unknown, { scopes?: string[] | undefined }> = {
  withAdminScope: unlimited.withAdminScope,
  alsoRequires: POWERS_OF_APPLICATION,
  assert: (access, { actor, body }) => access.createApplication(actor, body?.scopes ?? []),
};

export const onApplication: Authorization<ApplicationParams> = {
  withAdminScope: unlimited.withAdminScope,
  alsoRequires: POWERS_OF_APPLICATION,
  assert: (access, { actor, params }) => access.changeApplication(actor, params.client_id),
};

export const changedApplication: Authorization<ApplicationParams, { scopes?: string[] | undefined }> = {
  withAdminScope: unlimited.withAdminScope,
  alsoRequires: POWERS_OF_APPLICATION,
  assert: (access, { actor, params, body }) => access.changeApplication(actor, params.client_id, body?.scopes),
};

export const disconnected: Authorization<UserParams & ApplicationParams> = {
  withAdminScope: WHOLE_USERS,
  alsoRequires: 'Every scope that the user and the application have.',
  assert: (access, { actor, params }) => access.disconnect(actor, params.user_id, params.client_id),
};
