/**
 * Owns users: customers and administrators, their profiles and their life cycle.
 * Must not touch: password hashes (`credentials/`), the memberships inside a user's document (`memberships/`), and
 * sessions or tokens (`oidc/`), which it ends through a function it receives.
 */
import type { Id } from '../../platform/ids.ts';
import type { Room } from '../../module.ts';
import { userEndpoints, type UserEndpointsOptions } from './users.api.ts';

export interface UsersRoomOptions extends UserEndpointsOptions {
  endProofs(userIds: Id[]): Promise<void>;
}

export function usersRoom(deps: UsersRoomOptions): Room {
  return {
    name: 'users',
    scopes: {
      'users:read': 'Read users and search them.',
      'users:write': 'Create, change and disable customers.',
      'users:delete': 'Delete customers.',
    },
    endpoints: userEndpoints(deps),
    // Whatever signs users out ends the proofs that others could still resume with.
    signOutPeople: deps.endProofs,
    touches: (thing) => deps.users.touchedWith(thing),
  };
}
