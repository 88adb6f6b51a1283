/**
 * Owns bulk actions: the selected users, and the job types that process them.
 * Must not touch: users, memberships and emails other than through the services it receives, and how jobs are stored (`jobs/`).
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Users } from '../../directory/users/users.ts';
import { bulkActions } from './actions.ts';
import { createSelectionStore } from './selections.mongo.ts';

export interface BulkActionsModuleOptions {
  users: Users;
  groups: Pick<Groups, 'get'>;
  memberships: Memberships;
  mail: Pick<Mail, 'postMany'>;
}

export function createBulkActionsModule(
  { connection, now }: Platform,
  { users, groups, memberships, mail }: BulkActionsModuleOptions,
): { service: undefined; module: Module } {
  const jobTypes = bulkActions({
    users,
    memberships,
    selections: createSelectionStore(connection, now),
    getGroup: groups.get,
    findUsers: users.findMany,
    postMany: mail.postMany,
  });
  return {
    service: undefined,
    module: { name: 'bulk-actions', scopes: { 'mail:send': 'Send emails to users.' }, jobTypes },
  };
}
