import type { Id } from '../../platform/ids.ts';
import type { Role } from '../roles/role.ts';
import type { ClaimSource } from '../module.ts';
import { claimedGroups, mayEnd, type Claimed, type ClaimedOptions } from './claimed.ts';
import { earliest } from './ends.ts';

export interface RoleClaimsOptions extends ClaimedOptions {
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/**
 * The `roles` claim: the names of the roles of all groups a user is in and the application may know of, unique and
 * sorted, `[]` for none.
 */
export function roleClaims(options: RoleClaimsOptions): ClaimSource {
  const rolesOf = ({ visible }: Claimed) => options.rolesByIds([...new Set(visible.flatMap(({ roleIds }) => roleIds))]);

  return {
    scope: 'roles',
    claims: ['roles'],
    async read(request) {
      const roles = await rolesOf(await claimedGroups(options, request));
      return { roles: roles.map(({ name }) => name).sort() };
    },
    mayEnd: mayEnd(options),
    async endsAt(request) {
      const claimed = await claimedGroups(options, request);
      const roles = await rolesOf(claimed);
      // A role stays until the user leaves the last group that grants it.
      const endOfRole = ({ id }: Role) =>
        Math.max(...claimed.visible.filter(({ roleIds }) => roleIds.includes(id)).map(claimed.endIn));
      return earliest(roles.map(endOfRole));
    },
  };
}
