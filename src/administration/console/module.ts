/**
 * Owns the administrators' pages.
 * Must not touch: anything by itself; it only makes calls of the admin API, with the administrator's rights.
 */
import { CONSOLE } from '../../directory/applications/first-party.ts';
import { hasFactor, type Held } from '../../authentication/mfa/factor.ts';
import type { Room } from '../../module.ts';
import { administratorPages } from './administrators.pages.ts';
import { applicationPages } from './applications.pages.ts';
import { resumePage } from '../../my-account/kept-form.pages.ts';
import { callbackPage, CONSOLE_BASE, createAdmission, type AdmissionOptions } from './admission.pages.ts';
import { auditExportPage, auditPage } from './audit.pages.ts';
import { dashboardPage } from './dashboard.pages.ts';
import type { ConsolePage } from './frame.pages.ts';
import { groupChildrenPage } from './group-children.pages.ts';
import { groupApplicationsPage, groupDeletePage } from './group-delete.pages.ts';
import { groupMemberPages } from './group-members.pages.ts';
import { groupOwnersPage } from './group-owners.pages.ts';
import { groupSettingsPage } from './group-settings.pages.ts';
import { groupsPage } from './groups.pages.ts';
import { jobPages } from './jobs.pages.ts';
import { nothingPage, withMissing } from './missing.pages.ts';
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

export interface ConsoleRoomOptions extends Omit<AdmissionOptions, 'clientId' | 'callback' | 'hasSecondFactor'> {
  issuer: string;
  findFactors(userId: string): Promise<Held>;
}

/** The parts of a user's page. */
const userPages = [
  userProfilePage,
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
  groupChildrenPage,
  groupOwnersPage,
  groupApplicationsPage,
  groupDeletePage,
];

/** What those look at who run it. */
const operatorPages: ConsolePage[] = [dashboardPage, auditPage, auditExportPage, ...jobPages, ...settingsPages];

/** Every page of the console of this issuer. */
export const consolePagesOf = (issuer: string): ConsolePage[] => [
  usersPage,
  newUserPage,
  ...userPages,
  ...groupPages,
  ...rolePages,
  ...applicationPages(issuer),
  ...administratorPages,
  ...operatorPages,
];

export function consoleRoom(options: ConsoleRoomOptions): Room & { consolePages: ConsolePage[] } {
  const admission = createAdmission({
    ...options,
    hasSecondFactor: async (userId) => hasFactor(await options.findFactors(userId)),
    clientId: CONSOLE,
    callback: `${options.issuer}/console/callback`,
  });
  const consolePages = consolePagesOf(options.issuer);
  const all = [...consolePages.map(withMissing), nothingPage];
  return {
    name: 'console',
    consolePages,
    pages: [callbackPage, resumePage(CONSOLE_BASE), ...all.map(admission.toFormPage)],
  };
}
