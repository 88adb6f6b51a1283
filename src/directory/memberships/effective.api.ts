import { z } from 'zod';
import { onUser } from '../authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import type { Role } from '../roles/role.ts';
import { UserNotFound, type User } from '../users/user.ts';
import { effectiveGroups, effectiveReply, effectiveRoles, presentEffective } from './effective.ts';

export const getEffectiveGroups = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/effective-groups',
  summary: 'List the effective groups and roles of a user',
  description:
    'Direct and inherited memberships, and the roles of all of these groups: the basis of the claims `groups` and `roles`. Administrators with an admin scope see only groups within it.',
  tag: 'Users',
  scope: 'groups:read',
  authorize: onUser('read'),
  params: z.strictObject({ user_id: idShape }),
  status: 200,
  reply: resultOf(effectiveReply),
  errors: [UserNotFound],
});

export interface EffectiveEndpointsOptions {
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** @throws UserNotFound */
  getUser(id: Id): Promise<User>;
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
  /** Of these groups, those that an actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
}

export function effectiveEndpoints(options: EffectiveEndpointsOptions): Endpoint[] {
  const { groupIds, getUser, groupsByIds, rolesByIds, visibleGroups } = options;

  async function explain(actor: Actor, userId: Id) {
    const direct = groupIds(await getUser(userId));
    const all = await groupsByIds(direct);
    const groups = await visibleGroups(actor, all);
    const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
    return {
      ...presentEffective(effectiveGroups(direct, groups), effectiveRoles(groups, roles)),
      is_complete: groups.length === all.length,
    };
  }

  return [
    getEffectiveGroups.handledBy(async ({ params: { user_id: id }, actor }) => ({ result: await explain(actor, id) })),
  ];
}
