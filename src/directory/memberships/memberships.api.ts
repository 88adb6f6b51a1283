import { z } from 'zod';
import { groupsOfUser, onGroup, onUser, removedFromGroup } from '../authorization.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, PAGE_LIMIT, toPageRequest } from '../../platform/paging.ts';
import { groupReply, GroupNotFound, presentGroup, UnknownGroup } from '../groups/group.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { listOf, memberSearchShape, toUserCriteria } from '../users/user-search.ts';
import { OnlyCustomersInGroups, presentUser, userReply, UserNotFound } from '../users/user.ts';
import {
  ADD_OUTCOMES,
  MOST_GROUPS,
  namedShape,
  NotAMember,
  outcomesReply,
  presentOutcomes,
  REMOVE_OUTCOMES,
  toNamed,
} from './membership.ts';
import type { Memberships } from './memberships.ts';

const groupParams = z.strictObject({ group_id: idShape });
const path = '/v1/groups/{group_id}/members';
const tag = 'Members';

/** The name of the list of a user’s groups. */
const OF_USER = 'groups-of-user';

/** Ten thousand usernames of the longest kind. */
const BULK_BYTES = 3 * 1024 * 1024;

const bulk = { tag, params: groupParams, body: namedShape, bodyLimit: BULK_BYTES, status: 200 } as const;

export const addMembers = endpoint({
  ...bulk,
  method: 'post',
  path,
  summary: 'Add users to a group',
  description:
    'Up to 10,000 at once, by ID or username. Valid users are added; the response reports an outcome for each.',
  scope: 'groups:write',
  authorize: onGroup,
  reply: resultOf(outcomesReply(ADD_OUTCOMES)),
  errors: [GroupNotFound],
});

export const listMembers = endpoint({
  method: 'get',
  path,
  summary: 'List the members of a group',
  description: 'Returns complete user profiles, with the search criteria and sort fields of `GET /v1/users`.',
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params: groupParams,
  query: memberSearchShape({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(userReply),
  errors: [GroupNotFound, BadCursor, UnsupportedSearch],
});

export const removeMembers = endpoint({
  ...bulk,
  method: 'delete',
  path,
  summary: 'Remove users from a group',
  description: 'Up to 10,000 at once, by ID or username. The response reports an outcome for each.',
  scope: 'groups:write',
  authorize: onGroup,
  reply: resultOf(outcomesReply(REMOVE_OUTCOMES)),
  errors: [GroupNotFound],
});

export const removeMember = endpoint({
  method: 'delete',
  path: '/v1/groups/{group_id}/members/{user_id}',
  summary: 'Remove one user from a group',
  tag,
  scope: 'groups:write',
  authorize: removedFromGroup,
  params: groupParams.extend({ user_id: idShape }),
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, NotAMember],
});

export const listGroupsOfUser = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/groups',
  summary: 'List the groups of a user',
  description: 'Returns the groups that you may see, sorted by name.',
  tag,
  scope: 'groups:read',
  authorize: onUser('read'),
  params: z.strictObject({ user_id: idShape }),
  query: z.strictObject({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(groupReply),
  errors: [UserNotFound, BadCursor],
});

export const setGroupsOfUser = endpoint({
  method: 'put',
  path: '/v1/users/{user_id}/groups',
  summary: 'Set the groups of a user',
  description: 'Replaces the user’s groups with the given ones. Returns the first page of them.',
  tag,
  scope: 'groups:write',
  authorize: groupsOfUser,
  params: z.strictObject({ user_id: idShape }),
  body: z.strictObject({
    group_ids: z
      .array(idShape)
      .max(MOST_GROUPS, `must have at most ${MOST_GROUPS} groups`)
      .transform((ids) => [...new Set(ids)]),
  }),
  status: 200,
  reply: pageOf(groupReply),
  errors: [UserNotFound, OnlyCustomersInGroups, UnknownGroup],
});

export function membershipEndpoints({ memberships }: { memberships: Memberships }): Endpoint[] {
  return [
    addMembers.handledBy(async ({ params: { group_id: groupId }, body, actor }) => {
      return { result: presentOutcomes(ADD_OUTCOMES, await memberships.add(actor, groupId, toNamed(body))) };
    }),
    listMembers.handledBy(async ({ params: { group_id: groupId }, query }) => {
      const criteria = toUserCriteria(query);
      const page = await memberships.membersOf(groupId, criteria, toPageRequest(listOf(criteria), query));
      return presentPage(page, presentUser);
    }),
    removeMembers.handledBy(async ({ params: { group_id: groupId }, body, actor }) => {
      return { result: presentOutcomes(REMOVE_OUTCOMES, await memberships.remove(actor, groupId, toNamed(body))) };
    }),
    removeMember.handledBy(({ params: { group_id: groupId, user_id: userId }, actor }) =>
      memberships.removeOne(actor, groupId, userId),
    ),
    listGroupsOfUser.handledBy(
      async ({ params: { user_id: userId }, query, actor }) => {
        const page = await memberships.groupsOf(userId, toPageRequest(OF_USER, query), actor);
        return presentPage(page, presentGroup);
      },
      {
        state: async ({ params: { user_id: userId }, actor }) =>
          (await memberships.groupIdsOf(userId, actor)).join(' '),
      },
    ),
    setGroupsOfUser.handledBy(async ({ params: { user_id: userId }, body, actor }) => {
      await memberships.setGroups(actor, userId, body.group_ids);
      const first = { list: OF_USER, limit: PAGE_LIMIT.default };
      return presentPage(await memberships.groupsOf(userId, first, actor), presentGroup);
    }),
  ];
}
