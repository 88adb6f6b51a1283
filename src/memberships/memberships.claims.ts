import type { Id } from '../base/ids.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimSource } from '../room.ts';

/**
 * The `groups` claim: always an array of names, unique and sorted, `[]` for someone in no group. This is the place where
 * an application's claim policy will decide which groups, under which names.
 */
export function groupClaims({ groupsByIds }: { groupsByIds(ids: Id[]): Promise<Group[]> }): ClaimSource {
  return {
    scope: 'groups',
    claims: ['groups'],
    async read({ person }) {
      const groups = await groupsByIds(person.memberships.map(({ group }) => group));
      return { groups: groups.map(({ name }) => name).sort() };
    },
  };
}
