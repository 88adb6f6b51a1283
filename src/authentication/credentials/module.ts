/**
 * Owns passwords and their rules, one-time links, sign-in backoff and rate limits.
 * Must not touch: anything else of a user's document, sessions, and the sign-in pages (it contributes a step).
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
