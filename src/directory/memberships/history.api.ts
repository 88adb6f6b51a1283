import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { onGroup } from '../authorization.ts';
import { UserNotFound } from '../users/user.ts';
import { CLOSINGS, type History } from './history.ts';
import { membershipReply, presentMembership } from './period.ts';

const entry = membershipReply
  .extend({
    ended_at: z.number().int().nullable().meta({ description: 'null for the membership of now.' }),
    closing: z.enum(CLOSINGS).nullable().meta({
      description: 'Whether the user was removed, the period ended, or the period was changed.',
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
  status: 200,
  reply: resultOf(z.array(entry)),
  errors: [UserNotFound],
});

export function historyEndpoints({ history }: { history: Pick<History, 'of'> }): Endpoint[] {
  return [
    getMembershipHistory.handledBy(async ({ params: { user_id: userId, group_id: groupId } }) => ({
      result: (await history.of(userId, groupId)).map(({ membership, end, closing, endedBy }) => ({
        ...presentMembership(membership),
        ended_at: end ? unixSeconds(end) : null,
        closing: closing ?? null,
        ended_by: endedBy ?? null,
      })),
    })),
  ];
}
