/**
 * Owns people: customers and administrators, their profiles and their life cycle.
 * Must not touch: password hashes (`credentials/`), the memberships inside a person's document (`memberships/`), and
 * sessions or tokens (`oidc/`), whose removal it is lent as a verb.
 */
import type { Room } from '../room.ts';
import { userEndpoints, type UserEndpointsOptions } from './users.api.ts';

export function usersRoom(deps: UserEndpointsOptions): Room {
  return {
    name: 'users',
    scopes: {
      'users:read': 'Read users and search them.',
      'users:write': 'Create, change and disable customers.',
      'users:delete': 'Delete customers.',
    },
    endpoints: userEndpoints(deps),
    touches: (thing) => deps.users.touchedWith(thing),
  };
}
