import { visibleGroups } from '../applications/claimed-groups.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimSource } from '../module.ts';
import type { User } from '../users/user.ts';
import type { Role } from './role.ts';

export interface RoleClaimsOptions {
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/**
 * The `roles` claim: the names of the roles of all groups a user is in and the application may know of, unique and
 * sorted, `[]` for none.
 */
export function roleClaims({ groupIds, groupsByIds, rolesByIds }: RoleClaimsOptions): ClaimSource {
  return {
    scope: 'roles',
    claims: ['roles'],
    async read({ user, application: { claimPolicy: policy }, visibleGroups: visible }) {
      const direct = groupIds(user);
      const all = await groupsByIds(direct);
      const groups = visibleGroups(policy, direct, visible ? await visible(all) : all);
      const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
      return { roles: roles.map(({ name }) => name).sort() };
    },
  };
}
