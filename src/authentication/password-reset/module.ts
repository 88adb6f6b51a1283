/**
 * Owns password reset: requests, the email, the pages.
 * Must not touch: passwords, links and sessions other than through the services it receives.
 */
import type { Room, WayBack } from '../../module.ts';
import { createRecovery, type Recovery, type RecoveryOptions } from './password-reset.ts';
import { recoveryPages } from './password-reset.pages.ts';

export interface RecoveryRoomOptions extends RecoveryOptions {
  wayBack: WayBack;
}

export function recoveryRoom(options: RecoveryRoomOptions): { room: Room; recovery: Recovery } {
  const recovery = createRecovery(options);
  const room: Room = {
    name: 'recovery',
    pages: recoveryPages({ recovery, wayBack: options.wayBack }),
    detours: [{ name: 'recover', path: '/recover' }],
    chores: [{ name: 'answer-recovery-requests', everySeconds: 1, onEveryNode: true, run: recovery.answerAll }],
  };
  return { room, recovery };
}
