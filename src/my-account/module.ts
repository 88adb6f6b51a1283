/**
 * Owns the pages on which users manage their own account.
 * Must not touch: anything by itself; the module that owns the data makes each change.
 */
import type { Module, Platform } from '../directory/module.ts';
import { MY_ACCOUNT } from '../directory/applications/first-party.ts';
import type { Audit } from '../directory/audit/audit.ts';
import type { Memberships } from '../directory/memberships/memberships.ts';
import type { Users } from '../directory/users/users.ts';
import type { Credentials } from '../authentication/credentials/credentials.ts';
import { hasFactor } from '../authentication/mfa/factor.ts';
import type { Mfa } from '../authentication/mfa/module.ts';
import type { RegistrationService } from '../authentication/registration/module.ts';
import type { BrowserSessions } from '../oidc/sessions/browser-sessions.ts';
import type { SessionsService } from '../oidc/sessions/module.ts';
import { createAccount } from './account.ts';
import { resumePage } from './kept-form.pages.ts';
import { callbackPage, myAccountPages } from './my-account.pages.ts';
import { ownedGroupsPages } from './owned-groups.pages.ts';
import { ownedMemberPages } from './owned-member.pages.ts';
import type { CibaProvider, CibaRequests } from '../oidc/ciba/sign-in-requests.ts';
import { requestsPages } from './requests.pages.ts';
import { securityPages } from './security.pages.ts';
import { createVisits } from './visit.pages.ts';
import { accountViewModels } from './my-account.views.ts';

const BASE = '/account';

export interface MyAccountModuleOptions {
  audit: Audit;
  users: Users;
  memberships: Memberships;
  credentials: Credentials;
  mfa: Mfa;
  registration: Pick<RegistrationService, 'termsOf'>;
  sessions: SessionsService;
  browserSessions: BrowserSessions;
  signInRequests: CibaRequests;
  provider: CibaProvider;
}

export function createMyAccountModule(
  { config: { issuer, userAttributes }, now, contributions }: Platform,
  {
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
  }: MyAccountModuleOptions,
): { service: undefined; module: Module } {
  const hasSecondFactor = async (userId: string) => hasFactor(await mfa.factors.find(userId));
  const visits = createVisits({
    clientId: MY_ACCOUNT,
    callback: `${issuer}/account/callback`,
    base: BASE,
    sessions: browserSessions,
    hasSecondFactor,
    // Which group it was is forgotten: an address with a place for it would be no address.
    placeOf: (path) => (path.includes(':') ? '/account/groups' : path),
    now,
  });
  const account = createAccount({
    sessions: sessions.sessions,
    factors: mfa.factors,
    groupsOf: memberships.groupsOf,
    allGroupsOf: memberships.allGroupsOf,
    currentMemberships: memberships.current,
    termsOf: registration.termsOf,
    audit,
  });
  const pages = [
    ...myAccountPages({
      account,
      users,
      credentials,
      contributions,
      hasSecondFactor,
      requests: signInRequests,
      attributesInUse: userAttributes ?? [],
    }),
    ...ownedGroupsPages({ memberships }),
    ...ownedMemberPages({ memberships }),
    ...requestsPages({ requests: signInRequests, provider, contributions }),
    ...securityPages({ mfa, addMethods: sessions.addMethods }),
  ];
  return {
    service: undefined,
    module: {
      name: 'my-account',
      viewModels: accountViewModels,
      pages: [callbackPage(pages), resumePage(BASE), ...pages.map(visits.toFormPage)],
    },
  };
}
