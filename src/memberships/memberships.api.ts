import { z } from 'zod';
import { UnservableSearch } from '../base/criteria.ts';
import { idShape } from '../base/ids.ts';
import { BadCursor, toPageRequest } from '../base/paging.ts';
import { groupReply, GroupNotFound, presentGroup } from '../groups/group.ts';
import {
  countQuery,
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../http/endpoint.ts';
import { listOf, memberSearchShape, toUserCriteria } from '../users/user-search.ts';
import { presentUser, userReply, UserNotFound } from '../users/user.ts';
import { NotAMember, OnlyCustomers, UnknownUser } from './membership.ts';
import type { Memberships } from './memberships.ts';

const groupParams = z.strictObject({ group_id: idShape });
const path = '/v1/groups/{group_id}/members';
const tag = 'Members';

const body = z.strictObject({
  user_ids: z
    .array(idShape)
    .min(1, 'must name at least one user')
    .max(1000, 'must be at most 1000 users')
    .transform((ids) => [...new Set(ids)])
    .meta({ example: ['4be2eff2574323ce'] }),
});

export function membershipEndpoints({ memberships }: { memberships: Memberships }): Endpoint[] {
  return [
    endpoint({
      method: 'post',
      path,
      summary: 'Add users to a group',
      description:
        'Adds all of them or, when one of them cannot be a member, nobody. Who is a member already stays one.',
      tag,
      scope: 'groups:write',
      params: groupParams,
      body,
      status: 200,
      reply: resultOf(z.strictObject({ added: z.array(idShape), already_members: z.array(idShape) })),
      errors: [GroupNotFound, UnknownUser, OnlyCustomers],
      async handle({ params: { group_id: groupId }, body: { user_ids: userIds }, actor }) {
        const { added, alreadyMembers } = await memberships.add(actor, groupId, userIds);
        return { result: { added, already_members: alreadyMembers } };
      },
    }),
    endpoint({
      method: 'get',
      path,
      summary: 'List the members of a group',
      description: 'Entire user profiles. They are searched and ordered by the same criteria as all users.',
      tag,
      scope: 'groups:read',
      params: groupParams,
      query: memberSearchShape({ ...pageQuery, ...countQuery }),
      status: 200,
      reply: pageOf(userReply),
      errors: [GroupNotFound, BadCursor, UnservableSearch],
      async handle({ params: { group_id: groupId }, query }) {
        const criteria = toUserCriteria(query);
        const page = await memberships.membersOf(groupId, criteria, toPageRequest(listOf(criteria), query));
        return presentPage(page, presentUser);
      },
    }),
    endpoint({
      method: 'delete',
      path,
      summary: 'Remove users from a group',
      description: 'Removes those who are members; the others are named in the answer.',
      tag,
      scope: 'groups:write',
      params: groupParams,
      body,
      status: 200,
      reply: resultOf(z.strictObject({ removed: z.array(idShape), not_members: z.array(idShape) })),
      errors: [GroupNotFound],
      async handle({ params: { group_id: groupId }, body: { user_ids: userIds }, actor }) {
        const { removed, notMembers } = await memberships.remove(actor, groupId, userIds);
        return { result: { removed, not_members: notMembers } };
      },
    }),
    endpoint({
      method: 'delete',
      path: '/v1/groups/{group_id}/members/{user_id}',
      summary: 'Remove one user from a group',
      tag,
      scope: 'groups:write',
      params: groupParams.extend({ user_id: idShape }),
      status: 204,
      reply: noContent,
      errors: [GroupNotFound, NotAMember],
      handle: ({ params: { group_id: groupId, user_id: userId }, actor }) =>
        memberships.removeOne(actor, groupId, userId),
    }),
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/groups',
      summary: 'List the groups of a user',
      description: 'All of them, ordered by name.',
      tag,
      scope: 'groups:read',
      params: z.strictObject({ user_id: idShape }),
      status: 200,
      reply: resultOf(z.array(groupReply)),
      errors: [UserNotFound],
      async handle({ params: { user_id: userId } }) {
        return { result: (await memberships.groupsOf(userId)).map(presentGroup) };
      },
    }),
  ];
}
