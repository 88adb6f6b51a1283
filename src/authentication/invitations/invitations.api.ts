import { z } from 'zod';
import { idShape } from '../../platform/ids.ts';
import { endpoint, noContent, resultOf, type Endpoint } from '../../platform/http/endpoint.ts';
import { UserNotFound } from '../../directory/users/user.ts';
import { InvitationNotFound, InvitationOver, invitationReply, NotInvitable, presentInvitation } from './invitation.ts';
import type { Invitations } from './invitations.ts';

const params = z.strictObject({ user_id: idShape });
const path = '/v1/users/{user_id}/invitation';
const tag = 'Users';

export function invitationEndpoints({ invitations }: { invitations: Invitations }): Endpoint[] {
  return [
    endpoint({
      method: 'get',
      path,
      summary: 'Get the invitation of a user',
      description: 'The newest one: whether it was opened, accepted or revoked or has expired, and when.',
      tag,
      scope: 'users:read',
      params,
      status: 200,
      reply: resultOf(invitationReply),
      errors: [UserNotFound, InvitationNotFound],
      handle: async ({ params: { user_id: id } }) => ({ result: presentInvitation(await invitations.get(id)) }),
    }),
    endpoint({
      method: 'post',
      path,
      summary: 'Invite a user, or once more',
      description:
        'Mails a link with which the person chooses a password and confirms the account. The link of an earlier invitation works no longer.',
      tag,
      scope: 'users:write',
      params,
      status: 200,
      reply: resultOf(invitationReply),
      errors: [UserNotFound, NotInvitable],
      handle: async ({ params: { user_id: id }, actor }) => ({
        result: presentInvitation(await invitations.send(actor, id)),
      }),
    }),
    endpoint({
      method: 'delete',
      path,
      summary: 'Revoke the invitation of a user',
      description: 'Its link works no longer. The user stays, and can be invited again.',
      tag,
      scope: 'users:write',
      params,
      status: 204,
      reply: noContent,
      errors: [UserNotFound, InvitationNotFound, InvitationOver],
      handle: ({ params: { user_id: id }, actor }) => invitations.revoke(actor, id),
    }),
  ];
}
