import { valuesOf, visibleGroups } from '../applications/claimed-groups.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimSource } from '../../module.ts';

/**
 * The groups of a user in the form of the application's claim policy: by default, `groups` with their names. Always an
 * array of strings, unique and sorted, `[]` for a user in no group.
 */
export function groupClaims({ groupsByIds }: { groupsByIds(ids: Id[]): Promise<Group[]> }): ClaimSource {
  return {
    scope: 'groups',
    claims: ['groups'],
    async read({ person, application: { claimPolicy: policy }, visibleGroups: visible }) {
      const direct = person.memberships.map(({ group }) => group);
      const all = await groupsByIds(direct);
      const groups = visible ? await visible(all) : all;
      return { [policy.claim]: valuesOf(policy, visibleGroups(policy, direct, groups), groups) };
    },
  };
}
