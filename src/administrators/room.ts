/**
 * Owns who may administer what: the roles of administrators, the scopes they come to, and what no scope alone allows.
 * Must not touch: how people are stored (`users/`), and what a call does.
 */
import type { Room } from '../room.ts';
import { administratorEndpoints, type AdministratorEndpointsOptions } from './administrators.api.ts';

export interface AdministratorsRoomOptions extends AdministratorEndpointsOptions {
  /** Of those who are active. */
  countOwners(): Promise<number>;
}

export function administratorsRoom(options: AdministratorsRoomOptions): Room {
  return {
    name: 'administrators',
    scopes: {
      'administrators:read': 'Read the roles of administrators.',
      'administrators:write': 'Create, change and delete administrators, and set their roles.',
    },
    endpoints: administratorEndpoints(options),
    // Whoever loses this one account has lost Cohort.
    problems: async () => [{ code: 'one_owner', count: (await options.countOwners()) === 1 ? 1 : 0 }],
  };
}
