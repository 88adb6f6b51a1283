import { z } from 'zod';
import { groupsOfUser, onUser } from '../authorization.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, PAGE_LIMIT, toPageRequest, type PageRequest } from '../../platform/paging.ts';
import { countQuery, endpoint, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { groupReply, presentGroup, UnknownGroup } from '../groups/group.ts';
import { periodQuery } from '../users/user-search.ts';
import { OnlyCustomersInGroups, UserNotFound } from '../users/user.ts';
import type { History } from './history.ts';
import { MOST_GROUPS } from './membership.ts';
import type { Memberships } from './memberships.ts';
import { membershipReply, presentMembership, presentPeriod, type Membership } from './period.ts';

const tag = 'Members';

/** The name of the list of a user’s groups. */
const OF_USER = 'groups-of-user';

const groupOfUserReply = groupReply.extend({ membership: membershipReply }).meta({ id: 'GroupOfUser' });

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

export interface GroupsOfUserEndpointsOptions {
  memberships: Memberships;
  history: Pick<History, 'membershipsAt'>;
}

export function groupsOfUserEndpoints({ memberships, history }: GroupsOfUserEndpointsOptions): Endpoint[] {
  async function presentGroups(wanted: Promise<Membership[]>, page: PageRequest) {
    const found = await wanted;
    const inGroup = new Map(found.map((membership) => [membership.group, membership]));
    return presentPage(await memberships.groupsOfMemberships(found, page), (group) => ({
      ...presentGroup(group),
      membership: presentMembership(inGroup.get(group.id)!),
    }));
  }

  return [
    listGroupsOfUser.handledBy(
      ({ params: { user_id: userId }, query, actor }) => {
        const { as_of: asOf } = query;
        // Before anything is read: what is refused here must leave nothing under way.
        const present = query.active === false ? ':upcoming' : '';
        const list = asOf ? `:${unixSeconds(asOf)}` : present;
        const page = toPageRequest(`${OF_USER}${list}`, query);
        if (asOf) {
          const then = history.membershipsAt(userId, asOf).then((found) => memberships.seenBy(actor, found));
          return presentGroups(then, page);
        }
        const period = { active: query.active, endingBefore: query.ending_before };
        return presentGroups(memberships.membershipsOf(userId, actor, period), page);
      },
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

const presentState = ({ group, ...membership }: Membership) => ({ group, ...presentPeriod(membership) });
