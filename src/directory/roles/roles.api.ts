import { z } from 'zod';
import { unlimited, visibleOnly } from '../../platform/http/authorization.ts';
import { onRole } from '../authorization.ts';
import { impactReply, type ImpactOf } from '../../platform/impact.ts';
import { dryRunOf } from '../../platform/http/dry-run.ts';
import { searchText } from '../../platform/criteria.ts';
import type { Actor } from '../../platform/actor.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import {
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { newRoleShape, presentRole, roleChangeShape, RoleNameTaken, RoleNotFound, roleReply } from './role.ts';
import type { Roles } from './roles.ts';

const params = z.strictObject({ role_id: idShape });
const tag = 'Roles';

export const createRole = endpoint({
  method: 'post',
  path: '/v1/roles',
  summary: 'Create a role',
  tag,
  scope: 'roles:write',
  authorize: unlimited,
  body: newRoleShape,
  status: 201,
  reply: resultOf(roleReply),
  location: ({ result }) => `/v1/roles/${result.role_id}`,
  errors: [RoleNameTaken],
});

export const listRoles = endpoint({
  method: 'get',
  path: '/v1/roles',
  summary: 'List and search roles',
  description: 'Sorted by name. Administrators with an admin scope see only roles of groups within it.',
  tag,
  scope: 'roles:read',
  authorize: visibleOnly,
  query: z.strictObject({
    q: searchText.optional().meta({ description: 'Start of the name, ignoring case.' }),
    ...pageQuery,
  }),
  status: 200,
  reply: pageOf(roleReply),
  errors: [BadCursor],
});

export const getRole = endpoint({
  method: 'get',
  path: '/v1/roles/{role_id}',
  summary: 'Get a role',
  tag,
  scope: 'roles:read',
  authorize: onRole,
  params,
  status: 200,
  reply: resultOf(roleReply),
  errors: [RoleNotFound],
});

export const updateRole = endpoint({
  method: 'patch',
  path: '/v1/roles/{role_id}',
  summary: 'Update a role',
  tag,
  scope: 'roles:write',
  authorize: unlimited,
  params,
  body: roleChangeShape,
  status: 200,
  reply: resultOf(roleReply),
  errors: [RoleNotFound, RoleNameTaken],
  dryRunReply: impactReply,
});

export const deleteRole = endpoint({
  method: 'delete',
  path: '/v1/roles/{role_id}',
  summary: 'Delete a role',
  description: 'The role is removed from all groups.',
  tag,
  scope: 'roles:write',
  authorize: unlimited,
  params,
  status: 204,
  reply: noContent,
  errors: [RoleNotFound],
  dryRunReply: impactReply,
});

export interface RoleEndpointsOptions {
  roles: Roles;
  impactOf: ImpactOf;
  /** The roles that an actor may see; undefined for all of them. */
  visibleRoles(actor: Actor): Promise<ReadonlySet<Id> | undefined>;
}

export function roleEndpoints({ roles, impactOf, visibleRoles }: RoleEndpointsOptions): Endpoint[] {
  const dryRun = dryRunOf<z.output<typeof params>>({
    kind: 'role',
    idOf: ({ role_id: id }) => id,
    get: roles.get,
    impactOf,
  });

  return [
    createRole.handledBy(async ({ body, actor }) => ({ result: presentRole(await roles.create(actor, body)) })),
    listRoles.handledBy(async ({ query, actor }) => {
      const criteria = { q: query.q, visible: await visibleRoles(actor) };
      return presentPage(await roles.list(criteria, toPageRequest('roles', query)), presentRole);
    }),
    getRole.handledBy(async ({ params: { role_id: id } }) => ({ result: presentRole(await roles.get(id)) }), {
      restsOn: ({ params: { role_id: id } }) => roles.cached([id]),
    }),
    updateRole.handledBy(
      async ({ params: { role_id: id }, body, actor }) => ({
        result: presentRole(await roles.update(actor, id, body)),
      }),
      { dryRun: dryRun },
    ),
    deleteRole.handledBy(({ params: { role_id: id }, actor }) => roles.remove(actor, id), { dryRun: dryRun }),
  ];
}
