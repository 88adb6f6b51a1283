import type { ClaimSource } from '../../../src/directory/module.ts';
import type { BadgeStore } from './badge.ts';

/** The `badge` claim: the title of the user's badge; absent without one. */
export const badgeClaims = (store: BadgeStore): ClaimSource => ({
  scope: 'badge',
  claims: ['badge'],
  async read({ user }) {
    const badge = await store.find(user.id);
    return badge ? { badge: badge.title } : {};
  },
});
