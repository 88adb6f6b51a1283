import type { Id } from '../../platform/ids.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { Role } from '../../directory/roles/role.ts';
import type { User } from '../../directory/users/user.ts';

export interface DemandOfGroupsOptions {
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/** Whether a group of the user, or a role that it grants, requires MFA. */
export function createDemandOfGroups({ groupIds, groupsByIds, rolesByIds }: DemandOfGroupsOptions) {
  return async (user: User): Promise<boolean> => {
    const groups = await groupsByIds(groupIds(user));
    if (groups.some(({ requiresSecondFactor }) => requiresSecondFactor)) return true;
    const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
    return roles.some(({ requiresSecondFactor }) => requiresSecondFactor);
  };
}
