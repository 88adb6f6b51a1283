import type { Config } from '../config/schema.ts';
import { createAnswerMemory } from './admin-api/answers.mongo.ts';
import { createRateLimit } from './admin-api/rate-limit.mongo.ts';
import { createApplicationCache, createApplicationStore } from './applications/applications.mongo.ts';
import { createAuditStore } from './audit/audit.mongo.ts';
import type { Boxes } from './base/boxes.ts';
import type { Clock } from './base/clock.ts';
import { createSelectionStore } from './batches/selections.mongo.ts';
import { createLeases } from './chores/leases.mongo.ts';
import { createAttemptLimits, createRequestLimits } from './credentials/attempts.mongo.ts';
import { createLinkStore } from './credentials/links.mongo.ts';
import { createPasswordStore } from './credentials/passwords.mongo.ts';
import type { Database } from './db/connection.mongo.ts';
import { createDeviceStore } from './devices/devices.mongo.ts';
import { createFactorStores } from './factors/stores.mongo.ts';
import { createSetupLinkStore } from './first-run/first-run.mongo.ts';
import { createGroupCache, createGroupStore } from './groups/groups.mongo.ts';
import type { Log } from './http/log.ts';
import { createJobStore } from './jobs/jobs.mongo.ts';
import { createMailboxStore } from './mail/mailbox.mongo.ts';
import { createOutbox } from './mail/outbox.mongo.ts';
import { createMembershipStore } from './memberships/memberships.mongo.ts';
import { createConnections } from './oidc/connections.mongo.ts';
import { createConsentStore } from './oidc/consents.mongo.ts';
import { createKeyStore } from './oidc/keys.mongo.ts';
import { createRecoveryRequestStore } from './recovery/recovery.mongo.ts';
import { createRegistrationStore, createTermsStore } from './registration/registration.mongo.ts';
import { createPostLogouts } from './oidc/logout-notice.ts';
import { createLogoutOutbox } from './oidc/logout-outbox.mongo.ts';
import { createOpenThings } from './oidc/session-list.mongo.ts';
import { createRoleCache, createRoleStore } from './roles/roles.mongo.ts';
import { createSettingStore } from './settings/stored-settings.mongo.ts';
import { createStatisticsStore } from './statistics/statistics.mongo.ts';
import { createFileStore } from './transfer/files.mongo.ts';
import { createThingStores } from './transfer/things.mongo.ts';
import { createUserStore } from './users/users.mongo.ts';

export interface StoresOptions {
  config: Config;
  database: Database;
  boxes: Boxes;
  now: Clock;
  log: Log;
}

/** The stores of all modules, on one connection. */
export function createStores({ config, database, boxes, now, log }: StoresOptions) {
  const { connection, transact } = database;
  const requests = { byAccount: config.accountRequests, byAddress: config.accountRequestsByAddress };
  const applicationCache = createApplicationCache(connection, log);
  const logoutOutbox = createLogoutOutbox(connection);
  const postLogouts = createPostLogouts({
    ...{ outbox: logoutOutbox, isOn: config.backchannelLogout, now },
    applicationsByIds: applicationCache.getMany,
  });
  return {
    answers: createAnswerMemory(connection, { boxes, transact, now }),
    applicationCache,
    applications: createApplicationStore(connection),
    attempts: createAttemptLimits(connection, {
      byAccount: config.signInAttempts,
      byAddress: config.signInAttemptsByAddress,
    }),
    audit: createAuditStore(connection, boxes),
    connections: createConnections(connection),
    consents: createConsentStore(connection),
    devices: createDeviceStore(connection),
    factors: createFactorStores(connection, {
      attempts: config.codeAttempts,
      sendLimits: createRequestLimits(connection, 'mail-code', requests),
    }),
    files: createFileStore(connection, { boxes, now }),
    groupCache: createGroupCache(connection, log),
    groups: createGroupStore(connection),
    jobs: createJobStore(connection),
    invitationLimits: createRequestLimits(connection, 'invitation', requests),
    keys: createKeyStore(connection, boxes, log),
    leases: createLeases(connection),
    links: createLinkStore(connection),
    logoutOutbox,
    mailbox: createMailboxStore(connection),
    memberships: createMembershipStore(connection),
    openThings: createOpenThings(connection, postLogouts),
    outbox: createOutbox(connection),
    passwords: createPasswordStore(connection),
    postLogouts,
    rateLimit: createRateLimit(connection, config.apiRequestsPerMinute),
    recoveryLimits: createRequestLimits(connection, 'recovery', requests),
    recoveryRequests: createRecoveryRequestStore(connection),
    registrationLimits: createRequestLimits(connection, 'registration', requests),
    registrations: createRegistrationStore(connection),
    roleCache: createRoleCache(connection, log),
    roles: createRoleStore(connection),
    selections: createSelectionStore(connection, now),
    setupLinks: createSetupLinkStore(connection),
    settings: createSettingStore(connection, log),
    statistics: createStatisticsStore(connection),
    terms: createTermsStore(connection),
    things: createThingStores(connection),
    users: createUserStore(connection),
  };
}
