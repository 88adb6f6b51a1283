import { z } from 'zod';
import { adminRolesOfUser, onUser } from '../../directory/authorization.ts';
import { idShape } from '../../platform/ids.ts';
import { UnknownGroup } from '../../directory/groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import {
  ADMIN_ROLES,
  adminRolesShape,
  adminScopeReply,
  adminScopeShape,
  presentAdminScope,
  OnlyAdministratorsHaveAdminRoles,
  RoleCannotBeLimited,
  toAdministration,
} from '../../directory/users/admin-role.ts';
import { LastAdministrator, UserNotFound, type User } from '../../directory/users/user.ts';
import type { Users } from '../../directory/users/users.ts';
import { scopesOfRoles } from './administrator.ts';

const params = z.strictObject({ user_id: idShape });
const tag = 'Administrators';

export const administrationReply = z
  .strictObject({
    roles: z.array(z.enum(ADMIN_ROLES)),
    admin_scope: adminScopeReply,
    scopes: z.array(z.string()).meta({ description: 'The scopes that the roles grant.' }),
  })
  .meta({ id: 'Administration' });

export const getAdminRoles = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/admin-roles',
  summary: 'Get the roles of an administrator',
  tag,
  scope: 'administrators:read',
  authorize: onUser('read'),
  params,
  status: 200,
  reply: resultOf(administrationReply),
  errors: [UserNotFound],
});

export const setAdminRoles = endpoint({
  method: 'put',
  path: '/v1/users/{user_id}/admin-roles',
  summary: 'Set the roles of an administrator',
  tag,
  scope: 'administrators:write',
  authorize: adminRolesOfUser,
  params,
  body: z.strictObject({ roles: adminRolesShape, admin_scope: adminScopeShape }),
  status: 200,
  reply: resultOf(administrationReply),
  errors: [UserNotFound, OnlyAdministratorsHaveAdminRoles, RoleCannotBeLimited, UnknownGroup, LastAdministrator],
});

export interface AdministratorEndpointsOptions {
  users: Pick<Users, 'get' | 'setAdministration'>;
  /** Every scope there is. */
  adminScopes(): string[];
}

export function administratorEndpoints({ users, adminScopes }: AdministratorEndpointsOptions): Endpoint[] {
  const present = (user: User): z.input<typeof administrationReply> => ({
    roles: user.adminRoles,
    admin_scope: presentAdminScope(user),
    scopes: [...scopesOfRoles(user, adminScopes())].sort(),
  });
  return [
    getAdminRoles.handledBy(async ({ params: { user_id: id } }) => ({ result: present(await users.get(id)) })),
    setAdminRoles.handledBy(async ({ params: { user_id: id }, body: { roles, admin_scope: scope }, actor }) => {
      return { result: present(await users.setAdministration(actor, id, toAdministration(roles, scope))) };
    }),
  ];
}
