/**
 * Owns roles and the `roles` claim.
 * Must not touch: which groups have a role (`groups/`), which it is lent as verbs.
 */
import type { WatchedCache } from '../db/watched-cache.mongo.ts';
import type { Room } from '../room.ts';
import type { Role } from './role.ts';
import { roleEndpoints } from './roles.api.ts';
import { roleClaims, type RoleClaimsOptions } from './roles.claims.ts';
import type { Roles } from './roles.ts';

export function rolesRoom(deps: {
  roles: Roles;
  cache: WatchedCache<Role>;
  roleIdsOfGroups: RoleClaimsOptions['roleIdsOfGroups'];
}): Room {
  return {
    name: 'roles',
    scopes: { 'roles:read': 'Read roles.', 'roles:write': 'Create, change and delete roles.' },
    endpoints: roleEndpoints(deps),
    claims: [roleClaims({ roleIdsOfGroups: deps.roleIdsOfGroups, rolesByIds: (ids) => deps.cache.getMany(ids) })],
    start: () => deps.cache.start(),
    stop: () => deps.cache.stop(),
  };
}
