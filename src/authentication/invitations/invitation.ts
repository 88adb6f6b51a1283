import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape } from '../../platform/ids.ts';
import type { Link, LinkState } from '../credentials/links.ts';

export const INVITATION_STATES = ['sent', 'opened', 'accepted', 'expired', 'revoked'] as const;

/** An email that asks a user to set a password; only the newest one counts. */
export interface Invitation {
  userId: string;
  state: (typeof INVITATION_STATES)[number];
  by: string;
  sentAt: Date;
  expiresAt: Date;
  openedAt?: Date | undefined;
  acceptedAt?: Date | undefined;
  revokedAt?: Date | undefined;
}

export const InvitationNotFound = defineError('missing', 'invitation_not_found', 'This user has not been invited.');
export const NotInvitable = defineError(
  'conflict',
  'not_invitable',
  'Only users who have no password and are not disabled can be invited.',
);
export const InvitationClosed = defineError(
  'conflict',
  'invitation_closed',
  'This invitation was already accepted or revoked, or has expired.',
);

export function toInvitation(link: Link, state: LinkState): Invitation {
  const { subject, by, madeAt, expiresAt, openedAt, usedAt, revokedAt } = link;
  const times = { sentAt: madeAt, expiresAt, openedAt, acceptedAt: usedAt, revokedAt };
  return { userId: subject, by, state: toState(state, openedAt), ...times };
}

function toState(state: LinkState, openedAt: Date | undefined): Invitation['state'] {
  if (state === 'used') return 'accepted';
  if (state !== 'open') return state;
  return openedAt ? 'opened' : 'sent';
}

const time = z.number().int();

export const invitationReply = z
  .strictObject({
    user_id: idShape,
    state: z.enum(INVITATION_STATES),
    sent_by: z.string(),
    sent_at: time,
    expires_at: time,
    opened_at: time.nullable().meta({
      description:
        'When the form of the link was first sent. Opening the page does not count, because mail scanners do that too.',
    }),
    accepted_at: time.nullable(),
    revoked_at: time.nullable(),
  })
  .meta({ id: 'Invitation' });

/** Everything but the link, which is only in the email. */
export function presentInvitation(invitation: Invitation): z.input<typeof invitationReply> {
  const { userId, state, by, sentAt, expiresAt, openedAt, acceptedAt, revokedAt } = invitation;
  return {
    user_id: userId,
    state,
    sent_by: by,
    sent_at: unixSeconds(sentAt),
    expires_at: unixSeconds(expiresAt),
    opened_at: openedAt ? unixSeconds(openedAt) : null,
    accepted_at: acceptedAt ? unixSeconds(acceptedAt) : null,
    revoked_at: revokedAt ? unixSeconds(revokedAt) : null,
  };
}
