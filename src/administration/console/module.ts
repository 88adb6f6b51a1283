/**
 * Owns the administrators' pages.
 * Must not touch: anything by itself; it only makes calls of the admin API, with the administrator's rights.
 */
import type { UserAttribute } from '../../../config/profile-settings.ts';
import { CONSOLE } from '../../directory/applications/first-party.ts';
import { ID_TOKEN_SCOPES } from '../../directory/applications/claim-policy.ts';
import { hasFactor } from '../../authentication/mfa/factor.ts';
import type { Factors } from '../../authentication/mfa/factors.ts';
import type { Module, Platform } from '../../directory/module.ts';
import { claimsByScope } from '../../oidc/claims/standard-claims.ts';
import type { BrowserSessions } from '../../oidc/sessions/browser-sessions.ts';
import type { AdminApi } from '../admin-api/module.ts';
import type { AdminRoles } from '../admin-roles/module.ts';
import { administratorPages } from './administrators.pages.ts';
import { applicationPages } from './applications.pages.ts';
import { resumePage } from '../../my-account/kept-form.pages.ts';
import { callbackPage, CONSOLE_BASE, createAdmission } from './admission.pages.ts';
import { auditExportPage, auditPage } from './audit.pages.ts';
import { dashboardPage } from './dashboard.pages.ts';
import type { ConsolePage } from './frame.pages.ts';
import { groupChildrenPage } from './group-children.pages.ts';
import { groupApplicationsPage, groupDeletePage } from './group-delete.pages.ts';
import { groupFormerNamesPage } from './group-former-names.pages.ts';
import { groupMemberPages } from './group-members.pages.ts';
import { groupMembershipPage } from './group-membership.pages.ts';
import { groupOwnersPage } from './group-owners.pages.ts';
import { groupSettingsPage } from './group-settings.pages.ts';
import { groupsPage } from './groups.pages.ts';
import { jobPages } from './jobs.pages.ts';
import { notFoundPage, withNotFound } from './not-found.pages.ts';
import { newGroupPage } from './new-group.pages.ts';
import { newUserPage } from './new-user.pages.ts';
import { rolePages } from './roles.pages.ts';
import { userActivityPage } from './user-activity.pages.ts';
import { userApplicationsPage } from './user-applications.pages.ts';
import { userCustomDataPage } from './user-custom-data.pages.ts';
import { settingsPages } from './settings.pages.ts';
import { userDeletePage } from './user-delete.pages.ts';
import { userFactorsPage } from './user-factors.pages.ts';
import { userGroupsPage } from './user-groups.pages.ts';
import { userPasswordPage } from './user-password.pages.ts';
import { userProfilePage } from './user-profile.pages.ts';
import { userRolesPage } from './user-roles.pages.ts';
import { userSecurityPage } from './user-security.pages.ts';
import { userSessionsPage } from './user-sessions.pages.ts';
import { usersPage } from './users.pages.ts';
import type { ViewModels } from '../../platform/view-model.ts';
import { applicationViewModels } from './applications.views.ts';
import { previewViewModels } from './application-preview.views.ts';
import { groupViewModels } from './groups.views.ts';
import { operationViewModels } from './operations.views.ts';
import { consolePartialModels } from './partials.views.ts';
import { userViewModels } from './users.views.ts';
import { webhookPages } from './webhooks.pages.ts';
import { webhookViewModels } from './webhooks.views.ts';

export interface ConsoleModuleOptions {
  adminApi: Pick<AdminApi, 'calls'>;
  adminRoles: Pick<AdminRoles, 'rightsOf'>;
  browserSessions: BrowserSessions;
  factors: Pick<Factors, 'find'>;
}

const viewModels: ViewModels = {
  ...consolePartialModels,
  ...applicationViewModels,
  ...previewViewModels,
  ...groupViewModels,
  ...operationViewModels,
  ...userViewModels,
  ...webhookViewModels,
};

/** The parts of a user's page. */
const userPages = (attributesInUse: readonly UserAttribute[]) => [
  userProfilePage(attributesInUse),
  userGroupsPage,
  userRolesPage,
  userSecurityPage,
  userSessionsPage,
  userApplicationsPage,
  userActivityPage,
  userCustomDataPage,
  userPasswordPage,
  userFactorsPage,
  userDeletePage,
];

/** Groups, and the parts of a group's page. */
const groupPages: ConsolePage[] = [
  groupsPage,
  newGroupPage,
  groupSettingsPage,
  ...groupMemberPages,
  groupMembershipPage,
  groupChildrenPage,
  groupOwnersPage,
  groupApplicationsPage,
  groupFormerNamesPage,
  groupDeletePage,
];

/** What those look at who run it. */
const operatorPages: ConsolePage[] = [dashboardPage, auditPage, auditExportPage, ...jobPages, ...settingsPages];

/** The scopes that applications can be given claims of the ID token for. */
const claimScopes = (attributesInUse: readonly UserAttribute[]) => {
  const known = Object.keys(claimsByScope(attributesInUse));
  return ID_TOKEN_SCOPES.filter((scope) => known.includes(scope));
};

/** Every page of the console of this issuer. */
export const consolePagesOf = (
  issuer: string,
  attributesInUse: readonly UserAttribute[] = [],
  resources: readonly string[] = [],
): ConsolePage[] => [
  usersPage,
  newUserPage,
  ...userPages(attributesInUse),
  ...groupPages,
  ...rolePages,
  ...webhookPages,
  ...applicationPages(issuer, claimScopes(attributesInUse), resources),
  ...administratorPages,
  ...operatorPages,
];

export function createConsoleModule(
  { config: { issuer, userAttributes, resources }, now }: Platform,
  { adminApi, adminRoles, browserSessions, factors }: ConsoleModuleOptions,
): { service: ConsolePage[]; module: Module } {
  const admission = createAdmission({
    calls: adminApi.calls,
    rightsOf: adminRoles.rightsOf,
    sessions: browserSessions,
    hasSecondFactor: async (userId) => hasFactor(await factors.find(userId)),
    clientId: CONSOLE,
    callback: `${issuer}/console/callback`,
    now,
  });
  const consolePages = consolePagesOf(issuer, userAttributes, resources);
  const all = [...consolePages.map(withNotFound), notFoundPage];
  return {
    service: consolePages,
    module: {
      name: 'console',
      viewModels,
      pages: [callbackPage, resumePage(CONSOLE_BASE), ...all.map(admission.toFormPage)],
    },
  };
}
