import { z } from 'zod';
import { idShape } from '../base/ids.ts';
import { endpoint, resultOf, type Endpoint } from '../http/endpoint.ts';
import {
  ADMIN_ROLES,
  adminRolesShape,
  LastAdministrator,
  OnlyAdministratorsHaveAdminRoles,
  UserNotFound,
  type Person,
} from '../users/user.ts';
import type { Users } from '../users/users.ts';
import { scopesOfRoles } from './administrator.ts';

const params = z.strictObject({ user_id: idShape });
const tag = 'Administrators';

export const administrationReply = z
  .strictObject({
    roles: z.array(z.enum(ADMIN_ROLES)),
    scopes: z.array(z.string()).meta({ description: 'What the roles come to.' }),
  })
  .meta({ id: 'Administration' });

export interface AdministratorEndpointsOptions {
  users: Pick<Users, 'get' | 'setAdminRoles'>;
  /** Every scope there is. */
  adminScopes(): string[];
}

export function administratorEndpoints({ users, adminScopes }: AdministratorEndpointsOptions): Endpoint[] {
  const present = (person: Person): z.input<typeof administrationReply> => ({
    roles: person.adminRoles,
    scopes: [...scopesOfRoles(person, adminScopes())].sort(),
  });
  return [
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/administration',
      summary: 'Get what an administrator may do',
      tag,
      scope: 'administrators:read',
      params,
      status: 200,
      reply: resultOf(administrationReply),
      errors: [UserNotFound],
      handle: async ({ params: { user_id: id } }) => ({ result: present(await users.get(id)) }),
    }),
    endpoint({
      method: 'put',
      path: '/v1/users/{user_id}/administration',
      summary: 'Set what an administrator may do',
      tag,
      scope: 'administrators:write',
      params,
      body: z.strictObject({ roles: adminRolesShape }),
      status: 200,
      reply: resultOf(administrationReply),
      errors: [UserNotFound, OnlyAdministratorsHaveAdminRoles, LastAdministrator],
      handle: async ({ params: { user_id: id }, body, actor }) => ({
        result: present(await users.setAdminRoles(actor, id, body.roles)),
      }),
    }),
  ];
}
