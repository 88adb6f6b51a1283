import { valuesOf } from '../applications/claimed-groups.ts';
import type { ClaimSource } from '../module.ts';
import { claimedGroups, mayEnd, type ClaimedOptions } from './claimed.ts';
import { earliest } from './ends.ts';

/**
 * The groups of a user in the form of the application's claim policy: by default, `groups` with their names. Always an
 * array of strings, unique and sorted, `[]` for a user in no group.
 */
export function groupClaims(options: ClaimedOptions): ClaimSource {
  return {
    scope: 'groups',
    claims: ['groups'],
    async read(request) {
      const { claimPolicy: policy } = request.application;
      const { visible, all } = await claimedGroups(options, request);
      return { [policy.claim]: valuesOf(policy, visible, all, options.now()) };
    },
    mayEnd: mayEnd(options),
    async endsAt(request) {
      const { visible, endIn } = await claimedGroups(options, request);
      return earliest(visible.map(endIn));
    },
  };
}
