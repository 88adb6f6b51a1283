import { z } from 'zod';
import { onUser } from '../../directory/authorization.ts';
import { endpoint, noContent, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { UserNotFound } from '../../directory/users/user.ts';
import type { Credentials } from './credentials.ts';
import { MAX_TYPED_LENGTH, WeakPassword } from './password.ts';

const params = z.strictObject({ user_id: idShape });

export const setPassword = endpoint({
  method: 'put',
  path: '/v1/users/{user_id}/password',
  summary: 'Set a temporary password',
  description: 'Ends the sessions of the user, who must change the password at the next sign-in.',
  tag: 'Users',
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  body: z.strictObject({ temporary_password: z.string().max(MAX_TYPED_LENGTH).meta({ example: 'Wander#2026' }) }),
  status: 204,
  reply: noContent,
  errors: [UserNotFound, WeakPassword],
});

export function passwordEndpoints({ credentials }: { credentials: Credentials }): Endpoint[] {
  return [
    setPassword.handledBy(({ params: { user_id: id }, body, actor }) =>
      credentials.setTemporary(actor, id, body.temporary_password),
    ),
  ];
}
