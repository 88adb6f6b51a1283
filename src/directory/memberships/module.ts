/**
 * Owns memberships, group owners, and the `groups` claim.
 * Must not touch: anything of a user's document but its memberships, and groups other than through the services it
 * receives.
 */
import type { Room } from '../../module.ts';
import { effectiveEndpoints, type EffectiveEndpointsOptions } from './effective.api.ts';
import { ownerEndpoints } from './owners.api.ts';
import { membershipEndpoints } from './memberships.api.ts';
import { groupClaims } from './memberships.claims.ts';
import type { Memberships } from './memberships.ts';

export interface MembershipsRoomOptions extends EffectiveEndpointsOptions {
  memberships: Memberships;
}

export function membershipsRoom(deps: MembershipsRoomOptions): Room {
  return {
    name: 'memberships',
    endpoints: [...membershipEndpoints(deps), ...effectiveEndpoints(deps), ...ownerEndpoints(deps)],
    claims: [groupClaims(deps)],
    touches: (thing) => deps.memberships.touchedWith(thing),
    chores: [
      { name: 'sweep-abandoned-groups', everySeconds: 5, run: (stopping) => deps.memberships.sweepAbandoned(stopping) },
    ],
  };
}
