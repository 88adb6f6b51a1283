/**
 * Owns what a person proves themselves with: passwords and their rules, one-time links, and the limits on guessing them.
 * Must not touch: anything else of a person's document, sessions, and the pages of the sign-in (it fills a step).
 */
import type { Room } from '../../module.ts';
import { changePasswordStep } from './change-password-step.ts';
import type { Credentials } from './credentials.ts';
import type { Links } from './links.ts';
import { lockEndpoints } from './lock.api.ts';

export function credentialsRoom(deps: { credentials: Credentials; links: Links }): Room {
  return {
    name: 'credentials',
    endpoints: lockEndpoints(deps),
    signInSteps: [changePasswordStep(deps)],
    removePerson: deps.links.removeOf,
  };
}
