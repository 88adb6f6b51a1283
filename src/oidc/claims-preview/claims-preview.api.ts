import { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
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

const common = {
  method: 'get',
  scope: 'applications:read',
  authorize: previewOfUser,
  status: 200,
  reply: resultOf(claimsPreviewReply),
} as const;
const errors = [ApplicationNotFound, UserNotFound, NotASignInClient, GroupNotFound, UnknownResource];

export const previewClaimsOfUser = endpoint({
  ...common,
  path: '/v1/applications/{client_id}/claims/{user_id}',
  summary: 'Preview and explain the claims that an application receives about a user',
  description:
    'The tokens are made as those of a sign-in that ends now, but never handed out. `groups` says of each group of the user whether the application receives it and why; `answer` says so of any group. Administrators with an admin scope see only what results from groups within it.',
  tag: 'Applications',
  params: z.strictObject({ client_id: clientIdShape, user_id: idShape }),
  query: z.strictObject(claimsPreviewQuery),
  errors,
});

export const previewClaimsFor = endpoint({
  ...common,
  path: '/v1/users/{user_id}/claims',
  summary: 'Preview and explain the claims of a user in an application',
  description: 'The same as `GET /v1/applications/{client_id}/claims/{user_id}`, for who begins with the user.',
  tag: 'Users',
  params: z.strictObject({ user_id: idShape }),
  query: z.strictObject({
    application_id: clientIdShape.meta({ description: 'The client ID of the application.' }),
    ...claimsPreviewQuery,
  }),
  errors,
});

type Query = z.output<z.ZodObject<typeof claimsPreviewQuery>>;

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
  async function preview(actor: Actor, named: { clientId: string; userId: string }, query: Query) {
    const application = await getApplication(named.clientId);
    const user = await getUser(named.userId);
    const { scope, resource, group_id: groupId } = query;
    return { result: await previews.preview(actor, { user, application, scope, resource, groupId }) };
  }

  return [
    previewClaimsOfUser.handledBy(({ params: { client_id: clientId, user_id: userId }, query, actor }) =>
      preview(actor, { clientId, userId }, query),
    ),
    previewClaimsFor.handledBy(
      ({ params: { user_id: userId }, query: { application_id: clientId, ...query }, actor }) =>
        preview(actor, { clientId, userId }, query),
    ),
  ];
}
