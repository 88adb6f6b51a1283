/**
 * Owns invitations: the letter to somebody whom an administrator created, its state, and the page where they accept.
 * Must not touch: people, passwords and links other than by the verbs it is lent.
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
