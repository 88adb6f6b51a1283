import type { BodyOf } from '../../platform/http/calls.ts';
import { ADMIN_ROLES, LIMITABLE_ROLES, type AdminRole } from '../../directory/users/admin-role.ts';
import type { setAdminRoles } from '../admin-roles/administrators.api.ts';
import { ticked } from './forms.ts';
import type { ConsoleVisit } from './frame.pages.ts';
import { groupPicker } from './group-form.ts';
import { picker } from './picker.ts';

/**
 * The roles and admin scope in a form. "Only in these groups" is a choice of its own: without a selected group it is
 * an error, and never means all groups.
 */
export function administrationIn(
  fields: Record<string, string>,
): BodyOf<typeof setAdminRoles> & { admin_scope: { group_ids: string[] } | null } {
  const scope = fields['where'] === 'groups' ? { group_ids: ticked(fields, 'group').sort() } : null;
  // A cast, because the call refuses what is no role.
  return { roles: ticked(fields, 'admin_role').sort() as AdminRole[], admin_scope: scope };
}

/** What `partials/console/administration` shows. */
export async function adminScopeModel(visit: ConsoleVisit, fields: Record<string, string>) {
  return {
    adminRoles: ADMIN_ROLES,
    limitableRoles: LIMITABLE_ROLES,
    where: fields['where'] ?? 'everywhere',
    chosen: ticked(fields, 'admin_role'),
    groups: await picker(visit, fields, groupPicker),
  };
}
