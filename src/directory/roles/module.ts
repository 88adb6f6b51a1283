/**
 * Owns roles, the in-process cache of them, and what the `roles` claim says.
 * Must not touch: which groups have a role (`groups/`).
 */
import type { Module, Platform } from '../module.ts';
import type { Audit } from '../audit/audit.ts';
import { createRoleCache, createRoleStore } from './roles.mongo.ts';
import { roleEndpoints } from './roles.api.ts';
import { createRoles, type Roles } from './roles.ts';

export function createRolesModule(
  { connection, transact, newId, now, hooks }: Platform,
  { audit }: { audit: Audit },
): { service: Roles; module: Module } {
  const cache = createRoleCache(connection);
  const { onDelete, impactOf, access } = hooks;
  const roles = createRoles({ store: createRoleStore(connection), cache, audit, transact, newId, now, onDelete });
  return {
    service: roles,
    module: {
      name: 'roles',
      scopes: { 'roles:read': 'Read roles.', 'roles:write': 'Create, change and delete roles.' },
      endpoints: roleEndpoints({ roles, impactOf, visibleRoles: access.visibleRoles }),
    },
  };
}
