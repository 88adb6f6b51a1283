/**
 * Owns groups: their names, descriptions, roles and custom data, and the in-process cache that claims read.
 * Must not touch: memberships (`memberships/`), and what a role means (`roles/`).
 */
import type { Module, Platform } from '../module.ts';
import type { Audit } from '../audit/audit.ts';
import type { Roles } from '../roles/roles.ts';
import { groupEndpoints, type GroupEndpointsOptions } from './groups.api.ts';
import { createGroupCache, createGroupStore } from './groups.mongo.ts';
import { createGroups, type Groups, type GroupsOptions } from './groups.ts';

export interface GroupsModuleOptions {
  audit: Audit;
  roles: Pick<Roles, 'findMany'>;
  addMembers: GroupsOptions['addMembers'];
  countMembers: GroupEndpointsOptions['countMembers'];
}

export function createGroupsModule(
  { connection, transact, newId, now, hooks }: Platform,
  { audit, roles, addMembers, countMembers }: GroupsModuleOptions,
): { service: Groups; module: Module } {
  const cache = createGroupCache(connection);
  const { onDelete, impactOf, access } = hooks;
  const groups = createGroups({
    store: createGroupStore(connection),
    cache,
    audit,
    transact,
    newId,
    now,
    existingRoles: async (ids) => (await roles.findMany(ids)).map(({ id }) => id),
    addMembers,
    visibleGroups: (actor, all) => access.visibleGroups(actor, all),
    onDelete,
  });
  return {
    service: groups,
    module: {
      name: 'groups',
      scopes: {
        'groups:read': 'Read groups and their members.',
        'groups:write': 'Create, change and delete groups, and change their members.',
      },
      endpoints: groupEndpoints({ groups, impactOf, scopeGroups: access.scopeGroups, countMembers }),
      impactOf: groups.impactOf,
      async onDelete({ kind, id }) {
        if (kind === 'role') await groups.takeRole(id);
      },
    },
  };
}
