/**
 * Owns what is done to many people at once: who they are, and the work of going through them.
 * Must not touch: people, memberships and letters other than by the verbs it is lent, and how jobs are kept (`jobs/`).
 */
import type { Room } from '../room.ts';
import { batchActions, type ActionsOptions } from './actions.ts';

export function batchesRoom(deps: ActionsOptions): Room {
  return {
    name: 'batches',
    scopes: { 'mail:send': 'Send emails to users.' },
    work: batchActions(deps),
  };
}
