/**
 * Owns the question what an application reads about a user that it did not read before: it notices, tells the receivers of the
 * application, and ends what a user who lost access has left.
 * Must not touch: how events reach their receivers (`shared-signals/`), and what a claim says.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { ApplicationAccess } from '../../directory/application-access/application-access.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { ApplicationSignals } from '../../directory/applications/application-signals.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Groups } from '../../directory/groups/groups.ts';
import type { Users } from '../../directory/users/users.ts';
import { createDurableFeed } from '../../platform/db/durable-feed.mongo.ts';
import { tellChanged } from '../../platform/db/own-changes.mongo.ts';
import type { Id } from '../../platform/ids.ts';
import type { Claims } from '../claims/module.ts';
import { subjectFor } from '../claims/pairwise-subject.ts';
import type { Keys } from '../keys/keys.ts';
import type { Sessions } from '../sessions/sessions.ts';
import type { SharedSignals } from '../shared-signals/module.ts';
import { createClaimChanges } from './claim-changes.ts';
import { createFollowChanges } from './follow-changes.ts';
import { createGrantedUsers } from './granted-users.mongo.ts';
import { createRead } from './reading.ts';
import { createRunScan } from './run-scan.ts';
import { createScanStore } from './scans.mongo.ts';
import { FOLLOWED } from './watched.ts';

/** More groups are not named in a search. */
const MOST_GROUPS = 1000;

export interface ClaimChangesModuleOptions {
  audit: Pick<Audit, 'since'>;
  users: Pick<Users, 'findMany' | 'select'>;
  groups: Pick<Groups, 'withSubgroups' | 'withRole'>;
  applications: Pick<Applications, 'find'>;
  signals: Pick<ApplicationSignals, 'withSignals'>;
  access: Pick<ApplicationAccess, 'mayAccess'>;
  keys: Pick<Keys, 'current'>;
  claims: Claims;
  sessions: Pick<Sessions, 'endAccess'>;
  sharedSignals: SharedSignals;
}

export function createClaimChangesModule(
  { connection, transact, newId, now }: Platform,
  {
    audit,
    users,
    groups,
    applications,
    signals,
    access,
    keys,
    claims,
    sessions,
    sharedSignals,
  }: ClaimChangesModuleOptions,
): { service: undefined; module: Module } {
  const { postSignals, knownUsers } = sharedSignals;
  const { readWhole, shorten } = claims.accounts;
  const scans = createScanStore(connection);
  const grantedUsers = createGrantedUsers(connection);
  const claimChanges = createClaimChanges({
    knownUsers,
    findUsers: users.findMany,
    findApplication: applications.find,
    read: createRead({ mayAccess: access.mayAccess, readWhole }),
    shorten,
    subjectOf: async (userId, application) => subjectFor(await keys.current(), userId, application),
    endAccess: sessions.endAccess,
    postSignals,
    transact,
    newId,
    now,
  });
  const runScan = createRunScan({
    scans,
    knownUsers,
    grantedUsers,
    selectUsers: users.select,
    claimChanges,
    transact,
    now,
  });
  const few = (groupIds: Id[]) => (groupIds.length > MOST_GROUPS ? undefined : groupIds);

  const { follow, forgetApplication } = createFollowChanges({
    feed: createDurableFeed(connection, { name: 'claim-changes', follow: FOLLOWED }),
    scans,
    runScan,
    claimChanges,
    knownUsers,
    grantedUsers,
    applicationsInterested: signals.withSignals,
    subtreeOf: async (ids) => few(await groups.withSubgroups(ids, MOST_GROUPS + 1)),
    groupsWithRole: async (id) => few(await groups.withRole(id, MOST_GROUPS + 1)),
    auditEventsSince: audit.since,
    forgetKnown: (collection, ids) => {
      if (ids.length > 0) tellChanged(connection, collection, ids);
    },
    postSignals,
    transact,
  });

  return {
    service: undefined,
    module: {
      name: 'claim-changes',
      tasks: [{ name: 'follow-claim-changes', everySeconds: 1, run: follow }],
      async onDelete({ kind, id }) {
        if (kind === 'application') await forgetApplication(id);
        if (kind !== 'user') return;
        const known = await knownUsers.ofUsers([id]);
        const txn = newId();
        const at = now();
        await postSignals(known.map(({ clientId }) => ({ clientId, userId: id, event: 'account-purged', at, txn })));
        await sharedSignals.forgetUser(id);
      },
    },
  };
}
