/**
 * Owns import and export: the formats of the files, the meaning of their rows, the job types, and the files of jobs.
 * Must not touch: the rules for values, which belong to the modules that own them; documents, other than through those
 * modules' functions; and HTTP.
 */
import type { Policy } from '../admin-roles/policy.ts';
import type { Reserved } from '../../directory/applications/reserved.ts';
import type { Boxes } from '../../platform/encryption.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Room } from '../../module.ts';
import { applicationRows, type ApplicationRowsOptions } from './application-rows.ts';
import { groupRows } from './group-rows.ts';
import { roleRows } from './role-rows.ts';
import type { ThingStores } from './record-stores.mongo.ts';
import { transferEndpoints, type TransferEndpointsOptions } from './import-export.api.ts';
import { createTransfer, type Transfer } from './import-export.ts';
import { userRows } from './user-rows.ts';
import { EXPORT_SECRETS, transferWork } from './import-export-jobs.ts';

export interface TransferRoomOptions extends TransferEndpointsOptions {
  stores: ThingStores;
  audit: Audit;
  transact: Transact;
  boxes: Boxes;
  newSecret(): string;
  now: Clock;
  /** Every scope of the admin API. */
  adminScopes(): string[];
  policy: Policy;
  reserved: Reserved;
  faultOfClient: ApplicationRowsOptions['faultOfClient'];
  /** Ends every session and token of a user. */
  signOut(userIds: string[]): Promise<void>;
  /** What this process remembers, to be dropped when it changes. */
  caches: Record<'groups' | 'roles' | 'applications', { forget(id: string): void }>;
}

export function transferRoom(options: TransferRoomOptions): { room: Room; transfer: Transfer } {
  const { stores, files, audit, transact, caches } = options;
  const transfer = createTransfer({
    audit,
    transact,
    kinds: {
      roles: roleRows({ ...options, store: stores.roles, forget: caches.roles.forget }),
      groups: groupRows({ ...options, store: stores.groups, roles: stores.roles, forget: caches.groups.forget }),
      users: userRows({ ...options, store: stores.users, groups: stores.groups }),
      applications: applicationRows({
        ...{ ...options, store: stores.applications, groups: stores.groups },
        forget: caches.applications.forget,
      }),
    },
  });
  const room: Room = {
    name: 'transfer',
    scopes: { [EXPORT_SECRETS]: 'Export password hashes and client secrets.' },
    work: transferWork({ transfer, files }),
    endpoints: transferEndpoints(options),
  };
  return { room, transfer };
}
