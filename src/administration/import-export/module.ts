/**
 * Owns import and export: the formats of the files, the meaning of their rows, the job types, and the files of jobs.
 * Must not touch: the rules for values, which belong to the modules that own them; documents, other than through those
 * modules' functions; and HTTP.
 */
import type { Module, Platform } from '../../directory/module.ts';
import { newSecret } from '../../platform/ids.ts';
import type { Jobs } from '../../platform/jobs/jobs.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Memberships } from '../../directory/memberships/memberships.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Roles } from '../../directory/roles/roles.ts';
import type { Policy } from '../admin-roles/policy.ts';
import { applicationRows } from './application-rows.ts';
import { createFileStore } from './files.mongo.ts';
import type { FileStore } from './files.ts';
import { createGroupNames } from './group-names.ts';
import { groupRows } from './group-rows.ts';
import { EXPORT_SECRETS, importExportJobTypes } from './import-export-jobs.ts';
import { importExportEndpoints } from './import-export.api.ts';
import { createImportExport, type ImportExport } from './import-export.ts';
import { createRecordStores } from './record-stores.mongo.ts';
import { roleRows } from './role-rows.ts';
import { userRows } from './user-rows.ts';

export interface ImportExportModuleOptions {
  audit: Audit;
  groups: Pick<Groups, 'findByNames' | 'findMany' | 'forget' | 'lockTree'>;
  memberships: Pick<Memberships, 'purgeBeforeReuse' | 'recordPast'>;
  roles: Pick<Roles, 'forget'>;
  applications: Pick<Applications, 'forget' | 'reserved' | 'uriRules'>;
  policy: Policy;
  jobs: Jobs;
}

export interface ImportExportService {
  importExport: ImportExport;
  files: FileStore;
}

export function createImportExportModule(
  { config, connection, transact, encryption, newId, now, hooks, contributions }: Platform,
  { audit, groups, memberships, roles, applications, policy, jobs }: ImportExportModuleOptions,
): { service: ImportExportService; module: Module } {
  const stores = createRecordStores(connection, now);
  const files = createFileStore(connection, { encryption, now });
  const { signOut } = hooks;
  const names = createGroupNames(groups);
  const importExport = createImportExport({
    audit,
    transact,
    kinds: {
      roles: roleRows({ store: stores.roles, newId, now, policy, forget: roles.forget }),
      groups: groupRows({
        store: stores.groups,
        roles: stores.roles,
        newId,
        now,
        policy,
        lockTree: groups.lockTree,
        names,
        purgeBeforeReuse: memberships.purgeBeforeReuse,
        forget: groups.forget,
      }),
      users: userRows({
        recordPast: memberships.recordPast,
        store: stores.users,
        groups: stores.groups,
        pathsByFormerName: names.pathsByFormerName,
        newId,
        now,
        policy,
        attributesInUse: config.userAttributes ?? [],
        signOut,
      }),
      applications: applicationRows({
        store: stores.applications,
        groups: stores.groups,
        encryption,
        newSecret,
        now,
        adminScopes: () => Object.keys(contributions.scopes),
        policy,
        reserved: applications.reserved,
        faultOfClient: hooks.faultOfClient,
        uriRules: applications.uriRules,
        forget: applications.forget,
      }),
    },
  });
  return {
    service: { importExport, files },
    module: {
      name: 'import-export',
      scopes: { [EXPORT_SECRETS]: 'Export password hashes and client secrets.' },
      jobTypes: importExportJobTypes({ importExport, files }),
      endpoints: importExportEndpoints({
        files,
        newId,
        orderImport: (actor, input) => jobs.order(actor, 'import', input),
        readJob: jobs.read,
      }),
    },
  };
}
