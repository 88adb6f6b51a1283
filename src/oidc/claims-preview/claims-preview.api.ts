import { z } from 'zod';
import { previewOfUser } from '../../directory/authorization.ts';
import {
  ApplicationNotFound,
  clientIdShape,
  NotASignInClient,
  type Application,
} from '../../directory/applications/application.ts';
import { GroupNotFound } from '../../directory/groups/group.ts';
import { UserNotFound, type User } from '../../directory/users/user.ts';
import { endpoint, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { idShape } from '../../platform/ids.ts';
import { claimsPreviewQuery, claimsPreviewReply, UnknownResource } from './claims-preview.ts';
import type { ClaimsPreviews } from './claims-previews.ts';

export const previewClaimsOfUser = endpoint({
  method: 'get',
  path: '/v1/applications/{client_id}/claims/{user_id}',
  summary: 'Preview and explain the claims that an application receives about a user',
  description:
    'The tokens are made as those of a sign-in that ends now, but never handed out. `groups` says of each group of the user whether the application receives it and why; `answer` says so of any group. Administrators with an admin scope see only what results from groups within it.',
  tag: 'Applications',
  scope: 'applications:read',
  authorize: previewOfUser,
  params: z.strictObject({ client_id: clientIdShape, user_id: idShape }),
  query: z.strictObject(claimsPreviewQuery),
  status: 200,
  reply: resultOf(claimsPreviewReply),
  errors: [ApplicationNotFound, UserNotFound, NotASignInClient, GroupNotFound, UnknownResource],
});

export interface ClaimsPreviewEndpointsOptions {
  /** An application that signs users in. @throws ApplicationNotFound, NotASignInClient */
  getApplication(id: string): Promise<Application>;
  /** @throws UserNotFound */
  getUser(id: string): Promise<User>;
  previews: ClaimsPreviews;
}

export function claimsPreviewEndpoints({
  getApplication,
  getUser,
  previews,
}: ClaimsPreviewEndpointsOptions): Endpoint[] {
  return [
    previewClaimsOfUser.handledBy(async ({ params: { client_id: id, user_id: userId }, query, actor }) => {
      const application = await getApplication(id);
      const user = await getUser(userId);
      const { scope, resource, group_id: groupId } = query;
      return { result: await previews.preview(actor, { user, application, scope, resource, groupId }) };
    }),
  ];
}
