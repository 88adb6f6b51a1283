/**
 * Owns what a person proves themselves with: passwords and their rules, and the limits on guessing them.
 * Must not touch: anything else of a person's document, sessions, and the pages of the sign-in (it fills a step).
 */
import type { Room } from '../room.ts';
import { changePasswordStep } from './change-password.ts';
import type { Credentials } from './credentials.ts';

export function credentialsRoom(deps: { credentials: Credentials }): Room {
  return { name: 'credentials', signInSteps: [changePasswordStep(deps)] };
}
