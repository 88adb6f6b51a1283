import { restOn } from '../../platform/basis.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Application } from '../applications/application.ts';
import type { ClaimSource } from '../module.ts';
import type { User } from '../users/user.ts';
import { hasPeriods } from './period.ts';

export interface RememberedClaimsOptions {
  /** Counts up whenever a group or a role may have changed. */
  version(): number;
  now: Clock;
}

interface Remembered {
  version: number;
  /** When time alone changes it, in Unix milliseconds. */
  until: number;
  claims: Record<string, unknown>;
}

/**
 * What a source says about a user, remembered as long as the very same user and application are in memory and no group or role
 * changes: for users in a thousand groups, to say it again costs more than all else. Where memory does not count, users are read
 * again for each request, so that nothing is remembered.
 */
export function rememberingClaims(source: ClaimSource, { version, now }: RememberedClaimsOptions): ClaimSource {
  const remembered = new WeakMap<User, WeakMap<Application, Remembered>>();

  return {
    ...source,
    async read(request) {
      const { user, application, visibleGroups } = request;
      if (visibleGroups || hasPeriods(user.memberships)) return source.read(request);
      const ofUser = remembered.get(user) ?? new WeakMap<Application, Remembered>();
      remembered.set(user, ofUser);
      const known = ofUser.get(application);
      const at = now().getTime();
      if (known && known.version === version() && at < known.until) {
        restOn(() => known.version === version());
        return known.claims;
      }
      // Before the read: a change while it goes on makes it another version.
      const made = { version: version(), until: nextChange(application, at) };
      const claims = await source.read(request);
      for (const value of Object.values(claims)) Object.freeze(value);
      ofUser.set(application, { ...made, claims });
      return claims;
    },
  };
}

/** A policy may name a moment from which on renamed groups have one name. */
function nextChange({ claimPolicy: { renamedGroupsUntil } }: Application, at: number): number {
  const until = renamedGroupsUntil?.getTime() ?? Infinity;
  return until > at ? until : Infinity;
}
