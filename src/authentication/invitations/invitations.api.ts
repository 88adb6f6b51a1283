import { z } from 'zod';
import { onUser } from '../../directory/authorization.ts';
import { idShape } from '../../platform/ids.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound } from '../../directory/users/user.ts';
import {
  InvitationNotFound,
  InvitationClosed,
  invitationReply,
  NotInvitable,
  presentInvitation,
} from './invitation.ts';
import type { Invitations } from './invitations.ts';

const params = z.strictObject({ user_id: idShape });
const path = '/v1/users/{user_id}/invitation';
const tag = 'Users';

export const getInvitation = endpoint({
  method: 'get',
  path,
  summary: 'Get the invitation of a user',
  description: 'Returns the most recent invitation: whether and when it was opened, accepted or revoked, or expired.',
  tag,
  scope: 'users:read',
  authorize: onUser('read'),
  params,
  status: 200,
  reply: resultOf(invitationReply),
  errors: [UserNotFound, InvitationNotFound],
});

export const sendInvitation = endpoint({
  method: 'post',
  path,
  summary: 'Invite a user',
  description:
    'Emails a link with which the user sets a password and confirms the account. Links of earlier invitations stop working.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 200,
  reply: resultOf(invitationReply),
  errors: [UserNotFound, NotInvitable],
});

export const revokeInvitation = endpoint({
  method: 'delete',
  path,
  summary: 'Revoke the invitation of a user',
  description: 'The link stops working. The user is not deleted and can be invited again.',
  tag,
  scope: 'users:write',
  authorize: onUser('change'),
  params,
  status: 204,
  reply: noContent,
  errors: [UserNotFound, InvitationNotFound, InvitationClosed],
});

export function invitationEndpoints({ invitations }: { invitations: Invitations }): Endpoint[] {
  return [
    getInvitation.handledBy(async ({ params: { user_id: id } }) => ({
      result: presentInvitation(await invitations.get(id)),
    })),
    sendInvitation.handledBy(async ({ params: { user_id: id }, actor }) => ({
      result: presentInvitation(await invitations.send(actor, id)),
    })),
    revokeInvitation.handledBy(({ params: { user_id: id }, actor }) => invitations.revoke(actor, id)),
  ];
}
