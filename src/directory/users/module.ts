/**
 * Owns users: customers and administrators, their profiles and their life cycle.
 * Must not touch: password hashes (`credentials/`), the memberships inside a user's document (`memberships/`), and
 * sessions or tokens (`oidc/`), which it ends through the hooks.
 */
import type { Module, Platform } from '../module.ts';
import type { Audit } from '../audit/audit.ts';
import type { Groups } from '../groups/groups.ts';
import { createUserCache } from './user-cache.mongo.ts';
import { userEndpoints, type UserEndpointsOptions } from './users.api.ts';
import { createUserStore } from './users.mongo.ts';
import { createUsers, type Users } from './users.ts';

export interface UsersModuleOptions {
  audit: Audit;
  groups: Pick<Groups, 'existing' | 'withRole'>;
  groupsOfEach: UserEndpointsOptions['groupsOfEach'];
}

export function createUsersModule(
  { config, connection, transact, newId, now, hooks }: Platform,
  { audit, groups, groupsOfEach }: UsersModuleOptions,
): { service: Users; module: Module } {
  const { onDelete, signOut, impactOf, access } = hooks;
  const users = createUsers({
    store: createUserStore(connection, now),
    cache: createUserCache(connection),
    audit,
    transact,
    newId,
    now,
    existingGroups: groups.existing,
    attributesInUse: config.userAttributes ?? [],
    groupsWithRole: groups.withRole,
    mayChange: access.mayChange,
    onDelete,
    signOut,
  });
  return {
    service: users,
    module: {
      name: 'users',
      scopes: {
        'users:read': 'Read users and search them.',
        'users:write': 'Create, change and disable customers.',
        'users:delete': 'Delete customers.',
      },
      endpoints: userEndpoints({ users, impactOf, visibleUsers: access.visibleUsers, groupsOfEach }),
      // Whatever signs users out ends the proofs that others could still resume with.
      onSignOut: users.endProofs,
      impactOf: users.impactOf,
    },
  };
}
