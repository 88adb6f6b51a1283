/**
 * Owns badges, and the `badge` claim.
 * Must not touch: users other than through the service it receives.
 */
import type { Users } from '../../../src/directory/users/users.ts';
import type { Module, Platform } from '../../../src/directory/module.ts';
import type { BadgeStore } from './badge.ts';
import { badgeEndpoints } from './badges.api.ts';
import { badgeClaims } from './badges.claims.ts';
import { createBadgeStore } from './badges.mongo.ts';

export function createBadgesModule(
  { connection, log }: Platform,
  { users }: { users: Users },
): { service: BadgeStore; module: Module } {
  const store = createBadgeStore(connection);
  return {
    service: store,
    module: {
      name: 'badges',
      scopes: { 'badges:write': 'Give badges to users.' },
      endpoints: badgeEndpoints({ store, users }),
      claimSources: [badgeClaims(store)],
      tasks: [
        {
          name: 'count-badges',
          everySeconds: 3600,
          run: async () => log.info({ badges: await store.count() }, 'badges counted'),
        },
      ],
      async onDelete({ kind, id }) {
        if (kind === 'user') await store.remove(id);
      },
    },
  };
}
