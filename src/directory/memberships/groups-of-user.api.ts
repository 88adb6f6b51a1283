import { z } from 'zod';
import { groupsOfUser, onUser } from '../authorization.ts';
import { unixSeconds } from '../../platform/clock.ts';
import type { Actor } from '../../platform/actor.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import { BadCursor, PAGE_LIMIT, pageOfItems, toPageRequest, type PageRequest } from '../../platform/paging.ts';
import { countQuery, endpoint, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { groupReply, presentGroup, UnknownGroup } from '../groups/group.ts';
import { periodQuery } from '../users/user-search.ts';
import { OnlyCustomersInGroups, UserNotFound } from '../users/user.ts';
import type { GroupAt, History } from './history.ts';
import { MOST_GROUPS, type DeletedGroup } from './membership.ts';
import type { Memberships } from './memberships.ts';
import { membershipReply, presentMembership, presentPeriod, type Membership } from './period.ts';

const tag = 'Members';

/** The name of the list of a user’s groups. */
const OF_USER = 'groups-of-user';

const groupOfUserReply = groupReply
  .extend({
    membership: membershipReply,
    deleted_at: z.number().int().nullable().meta({
      description: 'With `as_of`, when the group was deleted. Only its ID, last name and times are kept.',
    }),
  })
  .meta({ id: 'GroupOfUser' });

export const listGroupsOfUser = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/groups',
  summary: 'List the groups of a user',
  description:
    'Returns the groups that you may see with the membership in each, sorted by name. Only memberships that count now, unless `active=false`. With `as_of`, also groups that were deleted later.',
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
  history: Pick<History, 'groupsAt'>;
}

export function groupsOfUserEndpoints({ memberships, history }: GroupsOfUserEndpointsOptions): Endpoint[] {
  async function presentGroups(wanted: Promise<Membership[]>, page: PageRequest) {
    const found = await wanted;
    const inGroup = new Map(found.map((membership) => [membership.group, membership]));
    return presentPage(await memberships.groupsOfMemberships(found, page), (group) => ({
      ...presentGroup(group),
      membership: presentMembership(inGroup.get(group.id)!),
      deleted_at: null,
    }));
  }

  async function presentGroupsAt({ userId, asOf, actor }: { userId: Id; asOf: Date; actor: Actor }, page: PageRequest) {
    const found = await history.groupsAt(userId, asOf);
    const seen = await memberships.seenBy(
      actor,
      found.map(({ membership }) => membership),
    );
    const items = found.filter(({ membership }) => seen.includes(membership));
    return presentPage(
      pageOfItems(items, page, ({ group }) => wordKey([group.name], group.id)),
      presentGroupAt,
    );
  }

  return [
    listGroupsOfUser.handledBy(
      ({ params: { user_id: userId }, query, actor }) => {
        const { as_of: asOf } = query;
        // Before anything is read: what is refused here must leave nothing under way.
        const present = query.active === false ? ':upcoming' : '';
        const list = asOf ? `:${unixSeconds(asOf)}` : present;
        const page = toPageRequest(`${OF_USER}${list}`, query);
        if (asOf) return presentGroupsAt({ userId, asOf, actor }, page);
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

const presentGroupAt = ({ group, membership }: GroupAt): z.input<typeof groupOfUserReply> => ({
  ...('deletedAt' in group ? presentDeleted(group) : { ...presentGroup(group), deleted_at: null }),
  membership: presentMembership(membership),
});

/** Nothing is kept of a deleted group but what tells which one it was. */
const presentDeleted = ({ id, name, createdAt, deletedAt }: DeletedGroup) => ({
  group_id: id,
  name,
  former_names: [],
  description: '',
  created_at: unixSeconds(createdAt),
  updated_at: unixSeconds(deletedAt),
  custom_data: {},
  role_ids: [],
  parent_id: null,
  requires_second_factor: false,
  end_notice_days: null,
  deleted_at: unixSeconds(deletedAt),
});

const presentState = ({ group, ...membership }: Membership) => ({ group, ...presentPeriod(membership) });
