import type { Id } from '../../platform/ids.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { Role } from '../../directory/roles/role.ts';
import type { Person } from '../../directory/users/user.ts';

export interface DemandOfGroupsOptions {
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/** Whether a group of the user, or a role that it grants, requires MFA. */
export function createDemandOfGroups({ groupsByIds, rolesByIds }: DemandOfGroupsOptions) {
  return async ({ memberships }: Person): Promise<boolean> => {
    const groups = await groupsByIds(memberships.map(({ group }) => group));
    if (groups.some(({ requiresSecondFactor }) => requiresSecondFactor)) return true;
    const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
    return roles.some(({ requiresSecondFactor }) => requiresSecondFactor);
  };
}
