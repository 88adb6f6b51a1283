import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { endpoint, pageOf, pageQuery, presentPage, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, pageOfItems, toPageRequest } from '../../platform/paging.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import { onGroup } from '../authorization.ts';
import { UserNotFound } from '../users/user.ts';
import { CLOSINGS, type History, type KnownMembership } from './history.ts';
import { membershipReply, presentMembership } from './period.ts';

const entry = membershipReply
  .extend({
    ended_at: z.number().int().nullable().meta({ description: 'null for the membership of now.' }),
    closing: z.enum(CLOSINGS).nullable().meta({
      description: 'Whether the user was removed, the period ended or was changed, or the group was deleted.',
    }),
    ended_by: z.string().nullable(),
  })
  .meta({ id: 'PastMembership' });

export const getMembershipHistory = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/groups/{group_id}/history',
  summary: 'Get the history of a user in a group',
  description:
    'All memberships of the user in the group, the newest first: when each began and ended, and who or which job added the user.',
  tag: 'Members',
  scope: 'groups:read',
  authorize: onGroup,
  params: z.strictObject({ user_id: idShape, group_id: idShape }),
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(entry),
  errors: [UserNotFound, BadCursor],
});

export function historyEndpoints({ history }: { history: Pick<History, 'of'> }): Endpoint[] {
  return [
    getMembershipHistory.handledBy(async ({ params: { user_id: userId, group_id: groupId }, query }) => {
      const request = toPageRequest('membership-history', query);
      return presentPage(pageOfItems(await history.of(userId, groupId), request, newestFirst), present);
    }),
  ];
}

const present = ({ membership, end, closing, endedBy }: KnownMembership) => ({
  ...presentMembership(membership),
  ended_at: end ? unixSeconds(end) : null,
  closing: closing ?? null,
  ended_by: endedBy ?? null,
});

/** What is so now comes before everything that has ended. */
const newestFirst = ({ membership, end }: KnownMembership): string => descending(end) + descending(membership.since);

const LATEST_MS = 2 ** 47;
const descending = (time: Date | undefined) => timeKey(new Date(LATEST_MS - (time?.getTime() ?? LATEST_MS)));
