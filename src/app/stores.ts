import type { Config } from '../../config/schema.ts';
import { createAnswerMemory } from '../administration/admin-api/answers.mongo.ts';
import { createRateLimit } from '../administration/admin-api/rate-limit.mongo.ts';
import { createApplicationCache, createApplicationStore } from '../directory/applications/applications.mongo.ts';
import { createAuditStore } from '../directory/audit/audit.mongo.ts';
import type { Encryption } from '../platform/encryption.ts';
import type { Clock } from '../platform/clock.ts';
import { createSelectionStore } from '../administration/bulk-actions/selections.mongo.ts';
import { createLeases } from '../platform/leases/leases.mongo.ts';
import { createAttemptLimits, createRequestLimits } from '../authentication/credentials/rate-limits.mongo.ts';
import { createLinkStore } from '../authentication/credentials/links.mongo.ts';
import { createPasswordStore } from '../authentication/credentials/passwords.mongo.ts';
import type { Database } from '../platform/db/connection.mongo.ts';
import { createDeviceStore } from '../authentication/known-devices/known-devices.mongo.ts';
import { createFactorStores } from '../authentication/mfa/stores.mongo.ts';
import { createSetupLinkStore } from '../administration/bootstrap/bootstrap.mongo.ts';
import { createGroupCache, createGroupStore } from '../directory/groups/groups.mongo.ts';
import type { Log } from '../platform/http/log.ts';
import { createJobStore } from '../platform/jobs/jobs.mongo.ts';
import { createMailboxStore } from '../platform/mail/mailbox.mongo.ts';
import { createOutbox } from '../platform/mail/outbox.mongo.ts';
import { createMembershipStore } from '../directory/memberships/memberships.mongo.ts';
import { createConnections } from '../oidc/sessions/connected-applications.mongo.ts';
import { createConsentStore } from '../oidc/consent/consents.mongo.ts';
import { createKeyStore } from '../oidc/keys/keys.mongo.ts';
import { createPasswordResetRequestStore } from '../authentication/password-reset/password-reset.mongo.ts';
import { createRegistrationStore, createTermsStore } from '../authentication/registration/registration.mongo.ts';
import { createPostLogouts } from '../oidc/logout/logout-notice.ts';
import { createLogoutOutbox } from '../oidc/logout/logout-outbox.mongo.ts';
import { createSessionStore } from '../oidc/sessions/session-store.mongo.ts';
import { createRoleCache, createRoleStore } from '../directory/roles/roles.mongo.ts';
import { createSettingStore } from '../administration/settings/stored-settings.mongo.ts';
import { createStatisticsStore } from '../administration/statistics/statistics.mongo.ts';
import { createFileStore } from '../administration/import-export/files.mongo.ts';
import { createThingStores } from '../administration/import-export/record-stores.mongo.ts';
import { createUserStore } from '../directory/users/users.mongo.ts';

export interface StoresOptions {
  config: Config;
  database: Database;
  encryption: Encryption;
  now: Clock;
  log: Log;
}

/** The stores of all modules, on one connection. */
export function createStores({ config, database, encryption, now, log }: StoresOptions) {
  const { connection, transact } = database;
  const requests = { byAccount: config.accountRequests, byAddress: config.accountRequestsByAddress };
  const applicationCache = createApplicationCache(connection, log);
  const logoutOutbox = createLogoutOutbox(connection);
  const postLogouts = createPostLogouts({
    ...{ outbox: logoutOutbox, isOn: config.backchannelLogout, now },
    applicationsByIds: applicationCache.getMany,
  });
  return {
    answers: createAnswerMemory(connection, { encryption, transact, now }),
    applicationCache,
    applications: createApplicationStore(connection),
    attempts: createAttemptLimits(connection, {
      byAccount: config.signInAttempts,
      byAddress: config.signInAttemptsByAddress,
    }),
    audit: createAuditStore(connection, encryption),
    connections: createConnections(connection),
    consents: createConsentStore(connection),
    devices: createDeviceStore(connection),
    factors: createFactorStores(connection, {
      attempts: config.codeAttempts,
      sendLimits: createRequestLimits(connection, 'mail-code', requests),
    }),
    files: createFileStore(connection, { encryption, now }),
    groupCache: createGroupCache(connection, log),
    groups: createGroupStore(connection),
    jobs: createJobStore(connection),
    invitationLimits: createRequestLimits(connection, 'invitation', requests),
    keys: createKeyStore(connection, encryption, log),
    leases: createLeases(connection),
    links: createLinkStore(connection),
    logoutOutbox,
    mailbox: createMailboxStore(connection),
    memberships: createMembershipStore(connection),
    sessionStore: createSessionStore(connection, postLogouts),
    outbox: createOutbox(connection),
    passwords: createPasswordStore(connection),
    postLogouts,
    rateLimit: createRateLimit(connection, config.apiRequestsPerMinute),
    passwordResetLimits: createRequestLimits(connection, 'recovery', requests),
    passwordResetRequests: createPasswordResetRequestStore(connection),
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
