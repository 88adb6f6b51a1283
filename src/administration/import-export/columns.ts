import { applicationColumns } from './application-row.ts';
import { groupColumns } from './group-rows.ts';
import { roleColumns } from './role-rows.ts';
import type { Columns, RecordType } from './row.ts';
import { userColumns } from './user-row.ts';

/** The columns that a file of each type may have. */
export const COLUMNS = {
  users: userColumns,
  groups: groupColumns,
  roles: roleColumns,
  applications: applicationColumns,
} as const satisfies Record<RecordType, Columns>;

/** Those that it must have. */
export const NEEDED_COLUMNS: Record<RecordType, readonly string[]> = {
  users: ['username'],
  groups: ['name'],
  roles: ['name'],
  applications: ['client_id', 'name'],
};
