import { z } from 'zod';
import { idShape } from '../base/ids.ts';
import { UnknownGroup } from '../groups/group.ts';
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

const administrationReply = z
  .strictObject({
    roles: z.array(z.enum(ADMIN_ROLES)),
    group_ids: z.array(idShape).nullable(),
    scopes: z.array(z.string()).meta({ description: 'What the roles come to.' }),
  })
  .meta({ id: 'Administration' });

export interface AdministratorEndpointsOptions {
  users: Pick<Users, 'get' | 'setAdministration'>;
  /** Every scope there is. */
  adminScopes(): string[];
}

export function administratorEndpoints({ users, adminScopes }: AdministratorEndpointsOptions): Endpoint[] {
  const present = (person: Person): z.input<typeof administrationReply> => ({
    roles: person.adminRoles,
    group_ids: person.adminGroupIds ?? null,
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
      description:
        'With `group_ids` the roles hold for these groups, those below them and their members only. An owner is never limited.',
      tag,
      scope: 'administrators:write',
      params,
      body: z
        .strictObject({
          roles: adminRolesShape,
          group_ids: z
            .array(idShape)
            .min(1, 'must name a group, or be null for everything')
            .max(100, 'must be at most 100 groups')
            .transform((ids) => [...new Set(ids)])
            .nullable()
            .default(null),
        })
        .refine(({ roles, group_ids: ids }) => ids === null || !roles.includes('owner'), {
          path: ['group_ids'],
          message: 'and the role owner exclude each other',
        }),
      status: 200,
      reply: resultOf(administrationReply),
      errors: [UserNotFound, OnlyAdministratorsHaveAdminRoles, UnknownGroup, LastAdministrator],
      async handle({ params: { user_id: id }, body: { roles, group_ids: ids }, actor }) {
        const administration = { adminRoles: roles, ...(ids ? { adminGroupIds: ids } : {}) };
        return { result: present(await users.setAdministration(actor, id, administration)) };
      },
    }),
  ];
}
