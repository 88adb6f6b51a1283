/**
 * Owns administrator roles, the scopes that they grant, admin scopes, and the rule that nobody grants what they do not have.
 * Must not touch: how users are stored (`users/`), and what a call does.
 */
import type { Room } from '../../module.ts';
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
    // If this account is lost, so is access to Cohort.
    problems: async () => [{ code: 'one_owner', count: (await options.countOwners()) === 1 ? 1 : 0 }],
  };
}
