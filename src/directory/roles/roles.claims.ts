import { visibleGroups } from '../applications/claimed-groups.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimSource } from '../../module.ts';
import type { Role } from './role.ts';

export interface RoleClaimsOptions {
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/**
 * The `roles` claim: the names of the roles of all groups a user is in and the application may know of, unique and
 * sorted, `[]` for none.
 */
export function roleClaims({ groupsByIds, rolesByIds }: RoleClaimsOptions): ClaimSource {
  return {
    scope: 'roles',
    claims: ['roles'],
    async read({ person, application: { claimPolicy: policy }, visibleGroups: visible }) {
      const direct = person.memberships.map(({ group }) => group);
      const all = await groupsByIds(direct);
      const groups = visibleGroups(policy, direct, visible ? await visible(all) : all);
      const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
      return { roles: roles.map(({ name }) => name).sort() };
    },
  };
}
