/**
 * Owns roles and the `roles` claim.
 * Must not touch: which groups have a role (`groups/`), which it reads through the service it receives.
 */
import type { WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Room } from '../../module.ts';
import type { Role } from './role.ts';
import { roleEndpoints, type RoleEndpointsOptions } from './roles.api.ts';
import { roleClaims, type RoleClaimsOptions } from './roles.claims.ts';

export interface RolesRoomOptions extends RoleEndpointsOptions {
  cache: WatchedCache<Role>;
  groupsByIds: RoleClaimsOptions['groupsByIds'];
}

export function rolesRoom(deps: RolesRoomOptions): Room {
  return {
    name: 'roles',
    scopes: { 'roles:read': 'Read roles.', 'roles:write': 'Create, change and delete roles.' },
    endpoints: roleEndpoints(deps),
    claims: [roleClaims({ groupsByIds: deps.groupsByIds, rolesByIds: (ids) => deps.cache.getMany(ids) })],
    start: () => deps.cache.start(),
    stop: () => deps.cache.stop(),
  };
}
