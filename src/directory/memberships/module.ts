/**
 * Owns memberships, group owners, and the claims that follow from memberships: `groups` and `roles`.
 * Must not touch: anything of a user's document but its memberships, and groups other than through the services it
 * receives.
 */
import type { Module, Platform } from '../module.ts';
import type { Audit } from '../audit/audit.ts';
import type { Groups } from '../groups/groups.ts';
import type { Roles } from '../roles/roles.ts';
import type { Users } from '../users/users.ts';
import { effectiveEndpoints } from './effective.api.ts';
import { groupsOfUserEndpoints } from './groups-of-user.api.ts';
import { createHistoryStore } from './history.mongo.ts';
import { createHistory } from './history.ts';
import { historyEndpoints } from './history.api.ts';
import { membershipEndpoints } from './memberships.api.ts';
import { groupClaims } from './memberships.claims.ts';
import { createMembershipStore } from './memberships.mongo.ts';
import { createMemberships, type Memberships } from './memberships.ts';
import { rememberingClaims } from './remembered-claims.ts';
import { roleClaims } from './roles.claims.ts';
import { ownerEndpoints } from './owners.api.ts';

export interface MembershipsModuleOptions {
  audit: Audit;
  users: Users;
  groups: Groups;
  roles: Roles;
}

export function createMembershipsModule(
  { connection, transact, now, hooks: { access } }: Platform,
  { audit, users, groups, roles }: MembershipsModuleOptions,
): { service: Memberships; module: Module } {
  const store = createMembershipStore(connection);
  const history = createHistory({
    store: createHistoryStore(connection),
    users,
    groups,
    findDeleted: store.findDeleted,
    now,
  });
  const { groupsInScope, visibleGroups } = access;
  const memberships = createMemberships({ store, users, groups, groupsInScope, history, audit, transact, now });
  const { current } = memberships;
  const version = () => groups.version() + roles.version();
  return {
    service: memberships,
    module: {
      name: 'memberships',
      endpoints: [
        ...membershipEndpoints({ memberships, history, now }),
        ...effectiveEndpoints({
          current,
          getUser: users.get,
          groupsByIds: groups.withParents,
          rolesByIds: roles.cached,
          visibleGroups,
        }),
        ...groupsOfUserEndpoints({ memberships, history }),
        ...historyEndpoints({ history }),
        ...ownerEndpoints({ memberships }),
      ],
      claimSources: [
        rememberingClaims(groupClaims({ current, groupsByIds: groups.withParents, now }), { version, now }),
        rememberingClaims(roleClaims({ current, groupsByIds: groups.withParents, rolesByIds: roles.cached, now }), {
          version,
          now,
        }),
      ],
      impactOf: memberships.impactOf,
      async onDelete(deleted) {
        if (deleted.kind === 'group') await memberships.markDeleted(deleted);
        if (deleted.kind === 'user') await history.removeOfUser(deleted.id);
      },
      tasks: [
        { name: 'purge-deleted-groups', everySeconds: 5, run: memberships.purgeDeleted },
        { name: 'settle-memberships', everySeconds: 2, run: memberships.settle },
      ],
    },
  };
}
