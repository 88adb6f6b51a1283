import { defineError } from '../../platform/errors.ts';
import type { User } from './user.ts';

export const SignInEnded = defineError('conflict', 'sign_in_ended', 'This sign-in has ended. Sign in again.');

/**
 * The value of the user's *proofs valid since* at the moment they proved who they are, in milliseconds since 1970. Whatever
 * rests on a proof keeps it: an interaction, a session, a grant, a trusted device, a one-time link.
 */
export type ProofMark = number;

/** A proof of identity: a password, a passkey, or a link from an email that was accepted. */
export interface Proof {
  userId: string;
  mark: ProofMark;
}

/** A session of a user, in which they change something that ends all others. */
export interface OwnSession extends Proof {
  uid: string;
}

type Since = Pick<User, 'proofsValidSince'>;

/** Read it before the proof is checked, never after: what ends proofs in between must end this one too. */
export const markOf = ({ proofsValidSince }: Since): ProofMark => proofsValidSince?.getTime() ?? 0;

/**
 * The one check of whether something that rests on a proof may still be used. It asks for the same value and not for a later
 * time: clocks of nodes differ, `auth_time` has whole seconds, and an event during the check must not be missed.
 */
export const holds = (mark: ProofMark | undefined, user: Since | undefined): boolean =>
  user !== undefined && (mark ?? 0) === markOf(user);
