/**
 * Owns bulk actions: the selected users, and the job types that process them.
 * Must not touch: users, memberships and emails other than through the services it receives, and how jobs are stored (`jobs/`).
 */
import type { Room } from '../../module.ts';
import { batchActions, type ActionsOptions } from './actions.ts';

export function batchesRoom(deps: ActionsOptions): Room {
  return {
    name: 'batches',
    scopes: { 'mail:send': 'Send emails to users.' },
    work: batchActions(deps),
  };
}
