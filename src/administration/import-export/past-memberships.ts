import { isDeepStrictEqual } from 'node:util';
import type { Changes } from './record-type.ts';
import type { StoredUser } from './user-row.ts';

/** The memberships that an import removes, and those whose period it changes, as they were before. */
export function pastOf({ updated }: Pick<Changes<StoredUser>, 'updated'>) {
  const past = updated.flatMap(({ before, after }) =>
    before.memberships.flatMap((membership) => {
      const left = after.memberships.find(({ group }) => group === membership.group);
      const closing = left ? ('changed' as const) : ('removed' as const);
      return isDeepStrictEqual(left, membership) ? [] : [{ user: before, membership, closing }];
    }),
  );
  return (['removed', 'changed'] as const).map((closing) => ({
    closing,
    members: past.filter((each) => each.closing === closing),
  }));
}
