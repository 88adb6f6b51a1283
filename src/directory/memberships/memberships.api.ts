import { z } from 'zod';
import { onGroup, onMember } from '../authorization.ts';
import { UnsupportedSearch } from '../../platform/criteria.ts';
import { idShape } from '../../platform/ids.ts';
import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import { GroupNotFound } from '../groups/group.ts';
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
import { presentUser, userReply, type User } from '../users/user.ts';
import { addedShape, periodChangeShape, toAdditions } from './additions.ts';
import {
  ADD_OUTCOMES,
  namedShape,
  NotAMember,
  outcomesReply,
  presentOutcomes,
  REMOVE_OUTCOMES,
  toNamed,
} from './membership.ts';
import type { History } from './history.ts';
import type { Memberships } from './memberships.ts';
import { type Membership, membershipReply, presentMembership } from './period.ts';

const groupParams = z.strictObject({ group_id: idShape });
const path = '/v1/groups/{group_id}/members';
const tag = 'Members';

/** Ten thousand usernames of the longest kind. */
const BULK_BYTES = 3 * 1024 * 1024;

const bulk = { tag, params: groupParams, bodyLimit: BULK_BYTES, status: 200 } as const;
const memberParams = groupParams.extend({ user_id: idShape });

const memberReply = userReply.extend({ membership: membershipReply }).meta({ id: 'Member' });

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
  authorize: onMember,
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
  authorize: onMember,
  params: memberParams,
  status: 204,
  reply: noContent,
  errors: [GroupNotFound, NotAMember],
});

export interface MembershipEndpointsOptions {
  memberships: Memberships;
  history: Pick<History, 'membersAt'>;
  now: Clock;
}

export function membershipEndpoints({ memberships, history, now }: MembershipEndpointsOptions): Endpoint[] {
  return [
    addMembers.handledBy(async ({ params: { group_id: groupId }, body, actor }) => {
      const { named, periodOf } = toAdditions(body, now());
      return { result: presentOutcomes(ADD_OUTCOMES, await memberships.add(actor, groupId, named, periodOf)) };
    }),
    listMembers.handledBy(async ({ params: { group_id: groupId }, query }) => {
      if (query.as_of) {
        assertAlone(query);
        await memberships.assertGroup(groupId);
        const past = await history.membersAt(
          groupId,
          query.as_of,
          toPageRequest(`as-of:${unixSeconds(query.as_of)}`, query),
        );
        return presentPage(past, ({ user, membership }) => presentMember(user, membership));
      }
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
  ];
}

const presentMember = (user: User, membership: Membership) => ({
  ...presentUser(user),
  membership: presentMembership(membership),
});

/** @throws UnsupportedSearch */
function assertAlone(query: Record<string, unknown>): void {
  const others = Object.keys(query).filter((name) => query[name] !== undefined && !WITH_AS_OF.includes(name));
  if (others.length === 0) return;
  const detail = 'cannot be combined with as_of';
  throw UnsupportedSearch({ detail, faults: others.map((parameter) => ({ parameter, detail })) });
}

const WITH_AS_OF = ['as_of', 'limit', 'cursor'];
