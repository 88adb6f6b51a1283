import { z } from 'zod';
import { idShape, type Id } from '../base/ids.ts';
import type { Group } from '../groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../http/endpoint.ts';
import type { Role } from '../roles/role.ts';
import { UserNotFound, type Person } from '../users/user.ts';
import { effectiveGroups, effectiveReply, effectiveRoles, presentEffective } from './effective.ts';

export interface EffectiveEndpointsOptions {
  /** @throws UserNotFound */
  getPerson(id: Id): Promise<Person>;
  /** These groups and all that they sit in. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
}

export function effectiveEndpoints({ getPerson, groupsByIds, rolesByIds }: EffectiveEndpointsOptions): Endpoint[] {
  async function explain(userId: Id) {
    const { memberships } = await getPerson(userId);
    const direct = memberships.map(({ group }) => group);
    const groups = await groupsByIds(direct);
    const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
    return presentEffective(effectiveGroups(direct, groups), effectiveRoles(groups, roles));
  }

  return [
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/effective-groups',
      summary: 'List every group and role of a user, and why',
      description:
        'The groups they are members of, those that these sit in, and the roles of all of them: what the claims `groups` and `roles` are made of.',
      tag: 'Users',
      scope: 'groups:read',
      params: z.strictObject({ user_id: idShape }),
      status: 200,
      reply: resultOf(effectiveReply),
      errors: [UserNotFound],
      handle: async ({ params: { user_id: id } }) => ({ result: await explain(id) }),
    }),
  ];
}
