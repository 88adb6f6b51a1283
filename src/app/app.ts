import { createAdminApiModule } from '../administration/admin-api/module.ts';
import { createAdminRolesModule } from '../administration/admin-roles/module.ts';
import { createBootstrapModule } from '../administration/bootstrap/module.ts';
import { createBulkActionsModule } from '../administration/bulk-actions/module.ts';
import { createConsoleModule } from '../administration/console/module.ts';
import { createImportExportModule } from '../administration/import-export/module.ts';
import { createSettingsModule } from '../administration/settings/module.ts';
import { createStatisticsModule } from '../administration/statistics/module.ts';
import { createWebhooksModule } from '../administration/webhooks/module.ts';
import { createCredentialsModule } from '../authentication/credentials/module.ts';
import { createInvitationsModule } from '../authentication/invitations/module.ts';
import { createKnownDevicesModule } from '../authentication/known-devices/module.ts';
import { createMfaModule } from '../authentication/mfa/module.ts';
import { createPasswordResetModule } from '../authentication/password-reset/module.ts';
import { createRegistrationModule } from '../authentication/registration/module.ts';
import { createUserCreationModule } from '../authentication/user-creation/module.ts';
import { createApplicationAccessModule } from '../directory/application-access/module.ts';
import { createApplicationLogosModule } from '../directory/application-logos/module.ts';
import { createApplicationsModule } from '../directory/applications/module.ts';
import { createAuditModule } from '../directory/audit/module.ts';
import { createEndNoticesModule } from '../directory/end-notices/module.ts';
import { createGroupsModule, type GroupsModuleOptions } from '../directory/groups/module.ts';
import { createMembershipsModule } from '../directory/memberships/module.ts';
import { createRolesModule } from '../directory/roles/module.ts';
import { createUsersModule, type UsersModuleOptions } from '../directory/users/module.ts';
import { createMyAccountModule } from '../my-account/module.ts';
import { createClaimsModule } from '../oidc/claims/module.ts';
import { createClaimsPreviewModule } from '../oidc/claims-preview/module.ts';
import { createCibaModule } from '../oidc/ciba/module.ts';
import { createConsentModule } from '../oidc/consent/module.ts';
import { createClaimChangesModule } from '../oidc/claim-changes/module.ts';
import { createKeysModule } from '../oidc/keys/module.ts';
import { createLogoutModule } from '../oidc/logout/module.ts';
import { createProviderModule } from '../oidc/provider/module.ts';
import { createFindUser } from '../oidc/provider/request-users.ts';
import { createResidualAccessModule } from '../oidc/residual-access/module.ts';
import { createSessionsModule } from '../oidc/sessions/module.ts';
import { createSharedSignalsModule } from '../oidc/shared-signals/module.ts';
import { createSignInModule } from '../oidc/sign-in/module.ts';
import { createJobsModule } from '../platform/jobs/module.ts';
import { createMailModule } from '../platform/mail/module.ts';
import { createContributions } from './contributions.ts';
import type { AppOptions } from './options.ts';
import { createPlatform } from './platform.ts';
import { createServer } from './server.ts';

export type App = Awaited<ReturnType<typeof createApp>>;

/** Creates every module, from the ground up. A new feature is a new folder and one statement here. */
export async function createApp(options: AppOptions) {
  const { add, collect, contributions, hooks } = createContributions();
  const foundation = await createPlatform(options, { contributions, hooks });
  const { platform } = foundation;
  const { environment = {}, onSettings: onChange } = options;

  // A group is created together with its first members and listed with their number, a user is listed with groups, and
  // memberships need groups and users: here the cycle is closed.
  const addMembers: GroupsModuleOptions['addMembers'] = (...args) => memberships.addFirst(...args);
  const countMembers: GroupsModuleOptions['countMembers'] = (ids) => memberships.countsOf(ids);
  const groupsOfEach: UsersModuleOptions['groupsOfEach'] = (...args) => memberships.groupsOfEach(...args);

  const audit = add(createAuditModule(platform));
  const roles = add(createRolesModule(platform, { audit }));
  const groups = add(createGroupsModule(platform, { audit, roles, addMembers, countMembers }));
  const users = add(createUsersModule(platform, { audit, groups, groupsOfEach }));
  const memberships = add(createMembershipsModule(platform, { audit, users, groups, roles }));
  const { applications, claimPolicies, accessRules, signals } = add(
    createApplicationsModule(platform, { audit, groups }),
  );
  const access = add(createApplicationAccessModule(platform, { users, groups, memberships, accessRules }));
  const logos = add(createApplicationLogosModule(platform, { applications }));
  const mail = add(createMailModule(platform, { findRecipient: users.findByUsername }));
  const endNotices = add(createEndNoticesModule(platform, { users, groups, memberships, mail }));

  const devices = add(createKnownDevicesModule(platform, { mail }));
  const mfa = add(createMfaModule(platform, { audit, users, groups, memberships, roles, mail }));
  const { trustedDevices, factors } = mfa;
  const passwords = add(createCredentialsModule(platform, { audit, users, mail, devices, trustedDevices }));
  const { credentials, links } = passwords;
  const invitations = add(
    createInvitationsModule(platform, { audit, users, groups, memberships, credentials, links, mail }),
  );
  add(createUserCreationModule(platform, { users, credentials, invitations }));
  const passwordReset = add(
    createPasswordResetModule(platform, { audit, users, credentials, links, invitations, devices, mail }),
  );
  const registration = add(createRegistrationModule(platform, { audit, users, credentials, links, invitations, mail }));

  const findUser = createFindUser({ find: users.find, findKnown: users.findKnown });
  const keys = add(createKeysModule(platform));
  const consents = add(createConsentModule(platform));
  const sharedSignals = add(createSharedSignalsModule(platform, { applications, users, keys }));
  const logout = add(createLogoutModule(platform, { applications, sharedSignals }));
  const sessions = add(createSessionsModule(platform, { audit, users, groups, applications, logout }));
  add(
    createResidualAccessModule(platform, {
      users,
      groups,
      memberships,
      applications,
      sessions: sessions.sessions,
    }),
  );
  const claims = add(createClaimsModule(platform, { findUser, applications, access }));
  add(
    createClaimChangesModule(platform, {
      audit,
      users,
      groups,
      applications,
      signals,
      access,
      keys,
      claims,
      sessions: sessions.sessions,
      sharedSignals,
    }),
  );
  const signInRequests = add(createCibaModule(platform, { audit, users, applications, findUser, mail }));
  const provider = add(
    createProviderModule(platform, { applications, keys, consents, logout, claims, findUser, signInRequests }),
  );
  const { browserSessions, verificationKey, previewIssue } = provider;
  add(
    createClaimsPreviewModule(platform, {
      claims,
      previewIssue,
      users,
      groups,
      memberships,
      claimPolicies,
      access,
      sessions: sessions.sessions,
    }),
  );
  add(
    createSignInModule(platform, {
      provider,
      consents,
      audit,
      users,
      findUser,
      applications,
      logos,
      credentials,
      devices,
    }),
  );

  const adminRoles = add(createAdminRolesModule(platform, { users, groups, memberships, applications, findUser }));
  const { policy, presentActor } = adminRoles;
  const { jobs, drain: drainJobs } = add(createJobsModule(platform, { audit, presentActor }));
  add(createBulkActionsModule(platform, { users, groups, memberships, mail }));
  const { importExport, files: jobFiles } = add(
    createImportExportModule(platform, {
      audit,
      groups,
      memberships,
      roles,
      applications,
      policy,
      jobs,
    }),
  );
  add(createWebhooksModule(platform, { audit }));
  const bootstrap = add(createBootstrapModule(platform, { users, credentials }));
  const statistics = add(createStatisticsModule(platform, { users, groups, memberships }));
  const settings = add(createSettingsModule(platform, { audit, keys, mail, environment, onChange }));
  const adminApi = add(createAdminApiModule(platform, { verificationKey, applications }));
  const consolePages = add(createConsoleModule(platform, { adminApi, adminRoles, browserSessions, factors }));
  add(
    createMyAccountModule(platform, {
      audit,
      users,
      memberships,
      credentials,
      mfa,
      registration,
      sessions,
      browserSessions,
      signInRequests,
      provider,
    }),
  );

  const modules = collect();
  const { http, start, stop } = createServer(foundation, modules, options);
  return {
    issuer: platform.config.issuer,
    http,
    start,
    stop,
    database: foundation.database,
    assets: foundation.assets,
    views: platform.views,
    metrics: platform.metrics,
    modules,
    scopes: contributions.scopes,
    jobTypes: contributions.jobTypes,
    endpoints: contributions.endpoints,
    calls: adminApi.calls,
    document: adminApi.document,
    keys,
    consolePages,
    bootstrap,
    users,
    groups,
    memberships,
    roles,
    applications,
    credentials,
    mfa,
    invitations,
    passwordReset,
    registration: registration.registration,
    sessions: sessions.sessions,
    statistics,
    storedSettings: settings.readStored,
    importExport,
    jobFiles,
    jobs,
    drainJobs,
    mail,
    endNotices,
    protocolStore: provider.store,
    makeRegistrationToken: provider.makeRegistrationToken,
  };
}
