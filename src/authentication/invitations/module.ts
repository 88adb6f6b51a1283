/**
 * Owns invitations: the email to a user created by an administrator, its state, and the page where they accept.
 * Must not touch: users, passwords and links other than through the services it receives.
 */
import type { Room } from '../../module.ts';
import { invitationEndpoints } from './invitations.api.ts';
import { invitationPages } from './invitations.pages.ts';
import { createInvitations, type Invitations, type InvitationsOptions } from './invitations.ts';

export function invitationsRoom(options: InvitationsOptions): { room: Room; invitations: Invitations } {
  const invitations = createInvitations(options);
  const room: Room = {
    name: 'invitations',
    endpoints: invitationEndpoints({ invitations }),
    pages: invitationPages({ invitations }),
  };
  return { room, invitations };
}
