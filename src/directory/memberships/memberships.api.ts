import { z } from 'zod';
import { groupsOfUser, onGroup, onUser, removedFromGroup } from '../authorization.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { idShape } from '../../platform/ids.ts';
import type { Clock } from '../../platform/clock.ts';
import { BadCursor, PAGE_LIMIT, toPageRequest, type PageRequest } from '../../platform/paging.ts';
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
import { listOf, memberSearchShape, periodQuery, toUserCriteria } from '../users/user-search.ts';
import { OnlyCustomersInGroups, presentUser, userReply, UserNotFound, type User } from '../users/user.ts';
import { addedShape, periodChangeShape, toAdditions } from './additions.ts';
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
import { type Membership, membershipReply, presentMembership, presentPeriod } from './period.ts';

const groupParams = z.strictObject({ group_id: idShape });
const path = '/v1/groups/{group_id}/members';
const tag = 'Members';

/** The name of the list of a user’s groups. */
const OF_USER = 'groups-of-user';

/** Ten thousand usernames of the longest kind. */
const BULK_BYTES = 3 * 1024 * 1024;

const bulk = { tag, params: groupParams, bodyLimit: BULK_BYTES, status: 200 } as const;
const memberParams = groupParams.extend({ user_id: idShape });

const memberReply = userReply.extend({ membership: membershipReply }).meta({ id: 'Member' });
const groupOfUserReply = groupReply.extend({ membership: membershipReply }).meta({ id: 'GroupOfUser' });

export const addMembers = endpoint({
  ...bulk,
  method: 'post',
  path,
  summary: 'Add users to a group',
  description:
    'Up to 10,000 at once, by ID or username. Valid users are added; the response reports an outcome for each. With `from` and `until`, all memberships count only in that period; `members` gives users periods of their own. A membership that has not begun is not added again: change it instead.',
  scope: 'groups:write',
  authorize: onGroup,
  body: addedShape,
  reply: resultOf(outcomesReply(ADD_OUTCOMES)),
  errors: [GroupNotFound],
});

export const listMembers = endpoint({
  method: 'get',
  path,
  summary: 'List the members of a group',
  description:
    'Returns complete user profiles and the membership of each, with the search criteria and sort fields of `GET /v1/users`. Only memberships that count now, unless `active=false`.',
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params: groupParams,
  query: memberSearchShape({ ...pageQuery, ...countQuery }),
  status: 200,
  reply: pageOf(memberReply),
  errors: [GroupNotFound, BadCursor, UnsupportedSearch],
});

export const getMember = endpoint({
  method: 'get',
  path: `${path}/{user_id}`,
  summary: 'Get a member of a group',
  description: 'The profile and the membership, also one that has not begun.',
  tag,
  scope: 'groups:read',
  authorize: onGroup,
  params: memberParams,
  status: 200,
  reply: resultOf(memberReply),
  errors: [GroupNotFound, NotAMember],
});

export const changeMembership = endpoint({
  method: 'patch',
  path: `${path}/{user_id}`,
  summary: 'Extend or shorten a membership',
  description: 'Changes only the given fields; null takes a limit away.',
  tag,
  scope: 'groups:write',
  authorize: onGroup,
  params: memberParams,
  body: periodChangeShape,
  status: 200,
  reply: resultOf(membershipReply),
  errors: [GroupNotFound, NotAMember],
});

export const removeMembers = endpoint({
  ...bulk,
  body: namedShape,
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
  path: `${path}/{user_id}`,
  summary: 'Remove one user from a group',
  tag,
  scope: 'groups:write',
  authorize: removedFromGroup,
  params: memberParams,
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, NotAMember],
});

export const listGroupsOfUser = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/groups',
  summary: 'List the groups of a user',
  description:
    'Returns the groups that you may see with the membership in each, sorted by name. Only memberships that count now, unless `active=false`.',
  tag,
  scope: 'groups:read',
  authorize: onUser('read'),
  params: z.strictObject({ user_id: idShape }),
  query: z.strictObject({ ...pageQuery, ...countQuery, ...periodQuery }),
  status: 200,
  reply: pageOf(groupOfUserReply),
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
  reply: pageOf(groupOfUserReply),
  errors: [UserNotFound, OnlyCustomersInGroups, UnknownGroup],
});

export interface MembershipEndpointsOptions {
  memberships: Memberships;
  now: Clock;
}

export function membershipEndpoints({ memberships, now }: MembershipEndpointsOptions): Endpoint[] {
  async function presentGroups(wanted: Promise<Membership[]>, page: PageRequest) {
    const found = await wanted;
    const inGroup = new Map(found.map((membership) => [membership.group, membership]));
    return presentPage(await memberships.groupsOfMemberships(found, page), (group) => ({
      ...presentGroup(group),
      membership: presentMembership(inGroup.get(group.id)!),
    }));
  }

  return [
    addMembers.handledBy(async ({ params: { group_id: groupId }, body, actor }) => {
      const { named, periodOf } = toAdditions(body, now());
      return { result: presentOutcomes(ADD_OUTCOMES, await memberships.add(actor, groupId, named, periodOf)) };
    }),
    listMembers.handledBy(async ({ params: { group_id: groupId }, query }) => {
      const criteria = toUserCriteria(query);
      const page = await memberships.membersOf(groupId, criteria, toPageRequest(listOf(criteria), query));
      return presentPage(page, (user) => presentMember(user, memberships.membershipIn(user, groupId)!));
    }),
    getMember.handledBy(async ({ params: { group_id: groupId, user_id: userId } }) => {
      const { user, membership } = await memberships.member(groupId, userId);
      return { result: presentMember(user, membership) };
    }),
    changeMembership.handledBy(async ({ params: { group_id: groupId, user_id: userId }, body, actor }) => ({
      result: presentMembership(await memberships.setPeriod(actor, groupId, userId, body)),
    })),
    removeMembers.handledBy(async ({ params: { group_id: groupId }, body, actor }) => {
      return { result: presentOutcomes(REMOVE_OUTCOMES, await memberships.remove(actor, groupId, toNamed(body))) };
    }),
    removeMember.handledBy(({ params: { group_id: groupId, user_id: userId }, actor }) =>
      memberships.removeOne(actor, groupId, userId),
    ),
    listGroupsOfUser.handledBy(
      ({ params: { user_id: userId }, query, actor }) =>
        presentGroups(
          memberships.membershipsOf(userId, actor, { active: query.active, endingBefore: query.ending_before }),
          toPageRequest(`${OF_USER}${query.active === false ? ':upcoming' : ''}`, query),
        ),
      {
        state: async ({ params: { user_id: userId }, actor }) =>
          JSON.stringify((await memberships.membershipsOf(userId, actor)).map(presentState)),
      },
    ),
    setGroupsOfUser.handledBy(async ({ params: { user_id: userId }, body, actor }) => {
      await memberships.setGroups(actor, userId, body.group_ids);
      return presentGroups(memberships.membershipsOf(userId, actor), { list: OF_USER, limit: PAGE_LIMIT.default });
    }),
  ];
}

const presentMember = (user: User, membership: Membership) => ({
  ...presentUser(user),
  membership: presentMembership(membership),
});

const presentState = ({ group, ...membership }: Membership) => ({ group, ...presentPeriod(membership) });
