import { valuesOf, visibleGroups } from '../applications/claimed-groups.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import type { User } from '../users/user.ts';
import type { ClaimSource } from '../module.ts';

export interface GroupClaimsOptions {
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
}

/**
 * The groups of a user in the form of the application's claim policy: by default, `groups` with their names. Always an
 * array of strings, unique and sorted, `[]` for a user in no group.
 */
export function groupClaims({ groupIds, groupsByIds }: GroupClaimsOptions): ClaimSource {
  return {
    scope: 'groups',
    claims: ['groups'],
    async read({ user, application: { claimPolicy: policy }, visibleGroups: visible }) {
      const direct = groupIds(user);
      const all = await groupsByIds(direct);
      const groups = visible ? await visible(all) : all;
      return { [policy.claim]: valuesOf(policy, visibleGroups(policy, direct, groups), groups) };
    },
  };
}
