import type { Id } from '../base/ids.ts';
import type { ClaimSource } from '../room.ts';
import type { Role } from './role.ts';

export interface RoleClaimsOptions {
  /** The roles of these groups; a role may come more than once. */
  roleIdsOfGroups(groupIds: Id[]): Promise<Id[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

/** The `roles` claim: the names of the roles of all groups a person is in, unique and sorted, `[]` for none. */
export function roleClaims({ roleIdsOfGroups, rolesByIds }: RoleClaimsOptions): ClaimSource {
  return {
    scope: 'roles',
    claims: ['roles'],
    async read({ person }) {
      const ids = await roleIdsOfGroups(person.memberships.map(({ group }) => group));
      const roles = await rolesByIds([...new Set(ids)]);
      return { roles: roles.map(({ name }) => name).sort() };
    },
  };
}
