import { z } from 'zod';
import { listedUsers, onUser } from '../authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { impactReply, type ImpactOf } from '../../platform/impact.ts';
import { dryRunOf } from '../../platform/http/dry-run.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { BadCursor, toPageRequest, type Page } from '../../platform/paging.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  yesOrNo,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import {
  LastAdministrator,
  presentUser,
  userChangeShape,
  UsernameNeverChanges,
  userReply,
  UserNotFound,
  type User,
} from './user.ts';
import { listOf, toUserCriteria, userSearchShape, type UserCriteria } from './user-search.ts';
import type { Users } from './users.ts';

const params = z.strictObject({ user_id: idShape });
const tag = 'Users';

/** In a list. */
export const listedUserReply = userReply
  .extend({
    groups: z
      .array(z.strictObject({ group_id: idShape, name: z.string() }))
      .optional()
      .meta({
        description: 'The groups that the user is directly in, if requested with `groups=true`: the first 20 by name.',
      }),
    has_more_groups: z.boolean().optional().meta({ description: 'Whether the user is in other groups too.' }),
  })
  .meta({ id: 'ListedUser' });

const groupsQuery = {
  groups: yesOrNo.meta({ description: 'Whether to include the groups of each user. Requires `groups:read`.' }),
};

export const listUsers = endpoint({
  method: 'get',
  path: '/v1/users',
  summary: 'List and search users',
  description:
    'Results match all given criteria. `custom_data.<path>` matches a value in the custom data, such as `custom_data.plan.tier=gold`. Keep paging until `next` is null; a page may be short or empty.',
  tag,
  scope: 'users:read',
  authorize: listedUsers,
  query: userSearchShape({ ...pageQuery, ...countQuery, ...groupsQuery }),
  status: 200,
  reply: pageOf(listedUserReply),
  errors: [BadCursor, UnsupportedSearch],
});

export const getUser = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}',
  summary: 'Get a user',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params,
  status: 200,
  reply: resultOf(userReply),
  errors: [UserNotFound],
});

export const updateUser = endpoint({
  method: 'patch',
  path: '/v1/users/{user_id}',
  summary: 'Update a user',
  description:
    'Changes only the given fields. `custom_data` is replaced as a whole. As `application/merge-patch+json` (RFC 7396), `custom_data` is merged, and null removes a key. Usernames cannot be changed.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  body: userChangeShape.extend({
    username: z.unknown().optional().meta({ description: 'Refused, because usernames cannot be changed.' }),
  }),
  status: 200,
  reply: resultOf(userReply),
  errors: [UserNotFound, UsernameNeverChanges],
});

export const disableUser = endpoint({
  method: 'post',
  path: '/v1/users/{user_id}/disable',
  summary: 'Disable a user',
  description: 'Their sessions and tokens end immediately.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 200,
  reply: resultOf(userReply),
  errors: [UserNotFound, LastAdministrator],
});

export const enableUser = endpoint({
  method: 'post',
  path: '/v1/users/{user_id}/enable',
  summary: 'Enable a user',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 200,
  reply: resultOf(userReply),
  errors: [UserNotFound],
});

export const deleteUser = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}',
  summary: 'Delete a user',
  description: 'Deletes the user and all of their data. This cannot be undone.',
  tag,
  scope: 'users:delete',
  authorize: onUser('change'),
  params,
  status: 204,
  reply: noContent,
  errors: [UserNotFound, LastAdministrator],
  dryRunReply: impactReply,
});

export interface UserEndpointsOptions {
  users: Users;
  impactOf: ImpactOf;
  /** The same search, limited to users the actor may see. */
  visibleUsers(actor: Actor, criteria: UserCriteria): Promise<UserCriteria>;
  /** Of each of these users, the first groups that the actor may see. */
  groupsOfEach(actor: Actor, users: User[]): Promise<Map<Id, GroupsPage>>;
}

type GroupsPage = Page<{ id: Id; name: string }>;

export function userEndpoints({ users, impactOf, visibleUsers, groupsOfEach }: UserEndpointsOptions): Endpoint[] {
  return [
    listUsers.handledBy(async ({ query, actor }) => {
      const criteria = await visibleUsers(actor, toUserCriteria(query));
      const page = await users.search(criteria, toPageRequest(listOf(criteria), query));
      const groups = query.groups ? await groupsOfEach(actor, page.items) : undefined;
      return presentPage(page, (user) => presentListedUser(user, groups?.get(user.id)));
    }),
    getUser.handledBy(async ({ params: { user_id: id } }) => ({ result: presentUser(await users.get(id)) }), {
      restsOn: ({ params: { user_id: id } }) => users.findKnown(id),
    }),
    updateUser.handledBy(async ({ params: { user_id: id }, body: { username, ...change }, actor }) => {
      if (username !== undefined)
        throw UsernameNeverChanges({ faults: [{ pointer: '#/username', detail: 'cannot be changed' }] });
      return { result: presentUser(await users.update(actor, id, change)) };
    }),
    disableUser.handledBy(async ({ params: { user_id: id }, actor }) => ({
      result: presentUser(await users.disable(actor, id)),
    })),
    enableUser.handledBy(async ({ params: { user_id: id }, actor }) => ({
      result: presentUser(await users.enable(actor, id)),
    })),
    deleteUser.handledBy(({ params: { user_id: id }, actor }) => users.remove(actor, id), {
      dryRun: dryRunOf<z.output<typeof params>>({
        kind: 'user',
        idOf: ({ user_id: id }) => id,
        get: users.get,
        impactOf,
      }),
    }),
  ];
}

const presentListedUser = (user: User, groups: GroupsPage | undefined): z.input<typeof listedUserReply> => ({
  ...presentUser(user),
  ...(groups
    ? {
        groups: groups.items.map(({ id, name }) => ({ group_id: id, name })),
        has_more_groups: groups.next !== null,
      }
    : {}),
});
