import { z } from 'zod';
import { claimsOfUser } from '../../directory/authorization.ts';
import type { Actor } from '../../platform/actor.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import {
  ApplicationNotFound,
  claimsReply,
  clientIdShape,
  NotASignInClient,
  type Application,
  type ClaimsPreview,
} from '../../directory/applications/application.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';

export const previewClaimsOfUser = endpoint({
  method: 'get',
  path: '/v1/applications/{client_id}/claims/{user_id}',
  summary: 'Preview the claims that an application receives about a user',
  description:
    'Computed as for a token that is issued now with all user scopes. Also requires the scope `users:read`. Administrators with an admin scope see only what results from groups within it.',
  tag: 'Applications',
  scope: 'applications:read',
  authorize: claimsOfUser,
  params: z.strictObject({ client_id: clientIdShape, user_id: idShape }),
  status: 200,
  reply: resultOf(claimsReply),
  errors: [ApplicationNotFound, UserNotFound, NotASignInClient],
});

export interface ClaimsPreviewEndpointsOptions {
  /** An application that signs users in. @throws ApplicationNotFound, NotASignInClient */
  getApplication(id: string): Promise<Application>;
  /** @throws UserNotFound */
  getUser(id: string): Promise<User>;
  preview(actor: Actor, user: User, application: Application): Promise<ClaimsPreview>;
}

export function claimsPreviewEndpoints(options: ClaimsPreviewEndpointsOptions): Endpoint[] {
  const { getApplication, getUser, preview } = options;
  return [
    previewClaimsOfUser.handledBy(async ({ params: { client_id: id, user_id: userId }, actor }) => {
      const application = await getApplication(id);
      return { result: await preview(actor, await getUser(userId), application) };
    }),
  ];
}
