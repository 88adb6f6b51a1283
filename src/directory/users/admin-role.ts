import { z } from 'zod';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';

/** The administrator roles; an owner may do everything, including changing other administrators. */
export const ADMIN_ROLES = ['owner', 'users', 'groups', 'applications', 'support', 'auditor'] as const;

/** Those that can be limited to certain groups. */
export const LIMITABLE_ROLES: readonly AdminRole[] = ['users', 'groups', 'support', 'auditor'];

export type AdminRole = (typeof ADMIN_ROLES)[number];

/** What an administrator may do, and where. */
export interface Administration {
  /** Empty for customers. */
  adminRoles: AdminRole[];
  /** The admin scope of the roles: these groups and their subgroups. Absent: all groups. */
  adminScope?: Id[] | undefined;
}

export const OnlyAdministratorsHaveAdminRoles = defineError(
  'conflict',
  'only_administrators_have_admin_roles',
  'Only administrators can have administrator roles.',
);
export const RoleCannotBeLimited = defineError(
  'conflict',
  'role_cannot_be_limited',
  'Only the administrator roles users, groups, support and auditor can have an admin scope.',
);
export const adminRolesShape = z.array(z.enum(ADMIN_ROLES)).transform((roles) => [...new Set(roles)]);

/** Null, or left out, is no limit. */
export const adminScopeShape = z
  .strictObject({
    group_ids: z
      .array(idShape)
      .min(1, 'must have at least one group')
      .max(100, 'must have at most 100 groups')
      .transform((ids) => [...new Set(ids)]),
  })
  .nullable()
  .optional()
  .meta({
    description: 'The groups that the roles are limited to, including their subgroups. null for all groups.',
  });

export const adminScopeReply = z
  .strictObject({ group_ids: z.array(idShape) })
  .nullable()
  .meta({
    description: 'The groups that the roles are limited to, including their subgroups. null if they are not limited.',
  });

export const presentAdminScope = ({ adminScope }: Pick<Administration, 'adminScope'>) =>
  adminScope ? { group_ids: adminScope } : null;

/** The roles and the limit of a request. */
export const toAdministration = (adminRoles: AdminRole[], scope: z.output<typeof adminScopeShape>): Administration => ({
  adminRoles,
  ...(scope ? { adminScope: scope.group_ids } : {}),
});
