import type { Policy } from '../administration/admin-roles/policy.ts';
import { createPresentActor } from '../administration/admin-roles/present-actor.ts';
import type { Reserved } from '../directory/applications/reserved.ts';
import type { Audit } from '../directory/audit/audit.ts';
import type { Boxes } from '../platform/encryption.ts';
import type { Clock } from '../platform/clock.ts';
import { newSecret, type NewId } from '../platform/ids.ts';
import type { Transact } from '../platform/transaction.ts';
import { batchesRoom } from '../administration/bulk-actions/module.ts';
import type { Groups } from '../directory/groups/groups.ts';
import type { Log } from '../platform/http/log.ts';
import { jobsRoom } from '../platform/jobs/module.ts';
import type { Mail } from '../platform/mail/mail.ts';
import type { Memberships } from '../directory/memberships/memberships.ts';
import type { Oidc } from '../oidc/module.ts';
import type { createStores } from './stores.ts';
import { transferRoom } from '../administration/import-export/module.ts';
import type { Users } from '../directory/users/users.ts';

export interface LongWorkOptions {
  stores: ReturnType<typeof createStores>;
  users: Users;
  memberships: Memberships;
  groups: Groups;
  audit: Audit;
  boxes: Boxes;
  postMany: Mail['postMany'];
  adminScopes(): string[];
  policy: Policy;
  reserved: Reserved;
  faultOfClient: Oidc['faultOfClient'];
  signOut(userIds: string[]): Promise<void>;
  transact: Transact;
  newId: NewId;
  now: Clock;
  log: Log;
}

/** Creates the modules of bulk actions, import and export, and of the jobs that run them. */
export function createLongWork(options: LongWorkOptions) {
  const { stores, groups } = options;
  const presentActor = createPresentActor({
    findPerson: stores.users.find,
    findApplication: stores.applications.find,
    knownScopes: options.adminScopes,
  });
  const caches = { groups: stores.groupCache, roles: stores.roleCache, applications: stores.applicationCache };
  const { transfer, room: moving } = transferRoom({
    ...options,
    stores: stores.things,
    files: stores.files,
    newSecret,
    caches,
    orderImport: (actor, input) => jobs.order(actor, 'import', input),
    readJob: (actor, id) => jobs.read(actor, id),
  });
  const batches = batchesRoom({
    ...options,
    selections: stores.selections,
    getGroup: groups.get,
    findPeople: stores.users.findMany,
  });
  const kinds = [batches, moving].flatMap((room) => room.work ?? []);
  const {
    jobs,
    room: running,
    drain,
  } = jobsRoom({
    ...{ ...options, store: stores.jobs, leases: stores.leases, kinds },
    presentActor,
  });
  return { transfer, jobs, drain, rooms: [batches, moving, running] };
}
