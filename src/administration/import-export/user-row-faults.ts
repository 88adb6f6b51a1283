import type { UserAttribute } from '../../../config/profile-settings.ts';
import type { Group } from '../../directory/groups/group.ts';
import { nameKey } from '../../platform/names.ts';
import { faultsOfAttributes } from '../../directory/users/attributes.ts';
import { LIMITABLE_ROLES } from '../../directory/users/admin-role.ts';
import type { Status } from '../../directory/users/user.ts';
import type { RowFault } from './row.ts';
import { wantedGroups, type StoredUser, type UserRow } from './user-row.ts';

/** What the faults of a row depend on. */
export interface KnownOfRow {
  /** By the keys of the names and paths in the row. */
  groups: ReadonlyMap<string, Group>;
  /** The paths of groups that were renamed, by the keys of their former names. */
  renamed: ReadonlyMap<string, string>;
  attributesInUse: readonly UserAttribute[];
}

/** What is wrong with a row by itself and for the user that is there. */
export function faultsOf(
  row: UserRow,
  existing: StoredUser | undefined,
  { groups, renamed, attributesInUse }: KnownOfRow,
): RowFault[] {
  const missing = (name: string) => {
    const path = renamed.get(nameKey(name));
    return path === undefined
      ? `group '${name}' does not exist`
      : `group '${name}' does not exist; the name is a former name of the group '${path}'`;
  };
  const kind = existing?.kind ?? row.kind ?? 'customer';
  const faults = [...wantedGroups(row)]
    .filter(([key]) => !groups.has(key))
    .map(([, { group }]) => ({ column: 'groups', reason: missing(group) }));
  const fault = (column: string, reason: string) => faults.push({ column, reason });
  for (const { field, detail } of faultsOfAttributes(existing?.attributes ?? {}, row, attributesInUse))
    fault(field, detail);
  for (const name of row.owner_of ?? []) if (!groups.has(nameKey(name))) fault('owner_of', missing(name));
  for (const name of row.admin_groups ?? []) if (!groups.has(nameKey(name))) fault('admin_groups', missing(name));
  if (row.kind && row.kind !== kind) fault('kind', `cannot be changed; this user is ${withArticle(kind)}`);
  if (kind === 'customer' && (row.admin_roles ?? []).length > 0) fault('admin_roles', 'must be empty for a customer');
  const isLimited = (row.admin_groups ?? []).length > 0;
  if (isLimited && !(row.admin_roles ?? []).every((role) => LIMITABLE_ROLES.includes(role)))
    fault('admin_groups', `must be empty, except for the roles ${LIMITABLE_ROLES.join(', ')}`);
  if (kind === 'customer' && isLimited) fault('admin_groups', 'must be empty for a customer');
  if (kind === 'administrator' && wantedGroups(row).size > 0)
    fault('groups', 'must be empty for an administrator, because administrators cannot be members of groups');
  if (existing && kind === 'administrator' && row.status && statusOf(row, existing) !== existing.status)
    fault('status', 'cannot be changed by an import for an existing administrator');
  if (row.status === 'invited' && row.password_hash)
    fault('status', 'must be active or disabled for a user with a password');
  return faults;
}

const withArticle = (kind: string) => (kind === 'administrator' ? 'an administrator' : 'a customer');

/**
 * Disabled or not is the row's to say. Between invited and active the user decides, who may have accepted the invitation
 * since the file was written.
 */
export function statusOf(row: UserRow, user: StoredUser): Status {
  if (row.status === 'disabled') return 'disabled';
  if (user.status === 'disabled' && !row.status) return 'disabled';
  if (user.password) return 'active';
  return user.status === 'disabled' && row.status ? row.status : user.status;
}
