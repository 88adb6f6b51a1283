import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape } from '../../platform/ids.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound } from '../../directory/users/user.ts';
import type { Credentials } from './credentials.ts';
import type { Lock } from './password.ts';

const params = z.strictObject({ user_id: idShape });

export const lockReply = z
  .strictObject({
    failed_attempts: z
      .number()
      .int()
      .meta({ description: 'Failed sign-ins in a row from devices that the user has not signed in with before.' }),
    locked_until: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'When such a device may try again; null when it may now.' }),
  })
  .meta({ id: 'Lock' });

const presentLock = ({ failedAttempts, until }: Lock): z.input<typeof lockReply> => ({
  failed_attempts: failedAttempts,
  locked_until: until ? unixSeconds(until) : null,
});

export function lockEndpoints({ credentials }: { credentials: Credentials }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path: '/v1/users/{user_id}/lock',
      summary: 'Get whether a user is locked out',
      description:
        'After several failed sign-ins in a row, devices that the user has not signed in with before have to wait. Known devices and passkeys do not.',
      tag: 'Users',
      scope: 'users:read',
      params,
      status: 200,
      reply: resultOf(lockReply),
      errors: [UserNotFound],
      handle: async ({ params: { user_id: id } }) => ({ result: presentLock(await credentials.lockOf(id)) }),
    }),
    endpoint({
      method: 'delete',
      path: '/v1/users/{user_id}/lock',
      summary: 'Unlock a user',
      description: 'Every device may try again at once.',
      tag: 'Users',
      scope: 'users:write',
      params,
      status: 204,
      reply: noContent,
      errors: [UserNotFound],
      handle: ({ params: { user_id: id }, actor }) => credentials.unlock(actor, id),
    }),
  ];
}
