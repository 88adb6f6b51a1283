import { z } from 'zod';
import { onUser } from '../../../src/directory/authorization.ts';
import { UserNotFound } from '../../../src/directory/users/user.ts';
import type { Users } from '../../../src/directory/users/users.ts';
import { endpoint, noContent, type Endpoint } from '../../../src/platform/http/endpoint.ts';
import { idShape } from '../../../src/platform/ids.ts';
import { badgeShape, type BadgeStore } from './badge.ts';

export const setBadge = endpoint({
  method: 'put',
  path: '/v1/users/{user_id}/badge',
  summary: 'Set the badge of a user',
  tag: 'Users',
  scope: 'badges:write',
  authorize: onUser('change'),
  params: z.strictObject({ user_id: idShape }),
  body: badgeShape,
  status: 204,
  reply: noContent,
  errors: [UserNotFound],
});

export interface BadgeEndpointsOptions {
  store: BadgeStore;
  users: Pick<Users, 'get'>;
}

export function badgeEndpoints({ store, users }: BadgeEndpointsOptions): Endpoint[] {
  return [
    setBadge.handledBy(async ({ params: { user_id: id }, body: { title } }) => {
      await users.get(id);
      await store.put({ userId: id, title });
    }),
  ];
}
