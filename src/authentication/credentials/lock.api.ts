import { z } from 'zod';
import { onUser } from '../../directory/authorization.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape } from '../../platform/ids.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound } from '../../directory/users/user.ts';
import type { Credentials } from './credentials.ts';
import type { Lock } from './password.ts';

const params = z.strictObject({ user_id: idShape });

export const lockReply = z
  .strictObject({
    failed_attempts: z.number().int().meta({ description: 'Failed sign-ins in a row from unknown devices.' }),
    locked_until: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'When unknown devices can try again. null if they can try now.' }),
  })
  .meta({ id: 'Lock' });

const presentLock = ({ failedAttempts, until }: Lock): z.input<typeof lockReply> => ({
  failed_attempts: failedAttempts,
  locked_until: until ? unixSeconds(until) : null,
});

export const getLock = endpoint({
  method: 'get',
  path: '/v1/users/{user_id}/lock',
  summary: 'Get the lockout of a user',
  description:
    'After several failed sign-ins in a row, unknown devices must wait before they can try again. Known devices and passkeys are not affected.',
  tag: 'Users',
  scope: 'users:read',
  authorize: onUser('read'),
  params,
  status: 200,
  reply: resultOf(lockReply),
  errors: [UserNotFound],
});

export const unlockUser = endpoint({
  method: 'delete',
  path: '/v1/users/{user_id}/lock',
  summary: 'Unlock a user',
  description: 'All devices can try again immediately.',
  tag: 'Users',
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 204,
  reply: noContent,
  errors: [UserNotFound],
});

export function lockEndpoints({ credentials }: { credentials: Credentials }): Endpoint[] {
  return [
    getLock.handledBy(async ({ params: { user_id: id } }) => ({ result: presentLock(await credentials.lockOf(id)) })),
    unlockUser.handledBy(({ params: { user_id: id }, actor }) => credentials.unlock(actor, id)),
  ];
}
