import { z } from 'zod';
import { onUser } from '../authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import type { Group } from '../groups/group.ts';
import {
  countQuery,
  endpoint,
  pageOf,
  pageQuery,
  presentPage,
  yesOrNo,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import type { Role } from '../roles/role.ts';
import type { Membership } from './period.ts';
import { UserNotFound, type User } from '../users/user.ts';
import {
  effectiveGroupReply,
  effectiveGroups,
  effectiveRoleReply,
  effectiveRoles,
  presentEffectiveGroup,
  presentEffectiveRole,
} from './effective.ts';

const common = {
  method: 'get',
  tag: 'Users',
  scope: 'groups:read',
  authorize: onUser('read'),
  params: z.strictObject({ user_id: idShape }),
  status: 200,
} as const;

const errors = [UserNotFound, BadCursor];

const isComplete = {
  is_complete: z
    .boolean()
    .meta({ description: 'false if the user is also in groups outside of your admin scope, which are left out.' }),
};

export const listEffectiveGroups = endpoint({
  ...common,
  path: '/v1/users/{user_id}/effective-groups',
  summary: 'List the effective groups of a user',
  description:
    'Direct and inherited memberships, sorted by name: the basis of the claim `groups`. Administrators with an admin scope see only groups within it.',
  query: z.strictObject({
    ...pageQuery,
    ...countQuery,
    is_direct: yesOrNo.meta({ description: 'Only direct (`true`) or only inherited (`false`) memberships.' }),
  }),
  reply: pageOf(effectiveGroupReply).extend(isComplete),
  errors,
});

export const listEffectiveRoles = endpoint({
  ...common,
  path: '/v1/users/{user_id}/effective-roles',
  summary: 'List the effective roles of a user',
  description:
    'The roles of all groups that the user is in, directly or not, sorted by name: the basis of the claim `roles`. Administrators with an admin scope see only groups within it.',
  query: z.strictObject({ ...pageQuery, ...countQuery }),
  reply: pageOf(effectiveRoleReply).extend(isComplete),
  errors,
});

export interface EffectiveEndpointsOptions {
  /** The memberships that a user has now. */
  current(user: User): Membership[];
  /** @throws UserNotFound */
  getUser(id: Id): Promise<User>;
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  rolesByIds(ids: Id[]): Promise<Role[]>;
  /** Of these groups, those that an actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
}

export function effectiveEndpoints(options: EffectiveEndpointsOptions): Endpoint[] {
  const { current, getUser, groupsByIds, rolesByIds, visibleGroups } = options;

  async function find(actor: Actor, userId: Id) {
    const memberships = current(await getUser(userId));
    const all = await groupsByIds(memberships.map(({ group }) => group));
    const groups = await visibleGroups(actor, all);
    return { memberships, groups, is_complete: groups.length === all.length };
  }

  return [
    listEffectiveGroups.handledBy(async ({ params: { user_id: id }, query, actor }) => {
      const { memberships, groups, is_complete } = await find(actor, id);
      const { is_direct: wanted } = query;
      const found = effectiveGroups(memberships, groups).filter(
        ({ isDirect }) => wanted === undefined || isDirect === wanted,
      );
      const request = toPageRequest(`effective-groups:${wanted ?? ''}`, query);
      const page = pageOfItems(found, request, ({ group }) => wordKey([group.name], group.id));
      return { ...presentPage(page, presentEffectiveGroup), is_complete };
    }),
    listEffectiveRoles.handledBy(async ({ params: { user_id: id }, query, actor }) => {
      const { groups, is_complete } = await find(actor, id);
      const roles = await rolesByIds([...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
      const request = toPageRequest('effective-roles', query);
      const page = pageOfItems(effectiveRoles(groups, roles), request, ({ role }) => wordKey([role.name], role.id));
      return { ...presentPage(page, presentEffectiveRole), is_complete };
    }),
  ];
}
