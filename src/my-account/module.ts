/**
 * Owns the pages on which users manage their own account.
 * Must not touch: anything by itself; the module that owns the data makes each change.
 */
import { MY_ACCOUNT } from '../directory/applications/first-party.ts';
import { hasFactor } from '../authentication/mfa/factor.ts';
import type { Room } from '../module.ts';
import { createAccount, type AccountOptions } from './account.ts';
import { callbackPage, myAccountPages, type MyAccountPagesOptions } from './my-account.pages.ts';
import { resumePage } from './kept-form.pages.ts';
import { ownedGroupsPages, type OwnedGroupsPagesOptions } from './owned-groups.pages.ts';
import { securityPages, type SecurityPagesOptions } from './security.pages.ts';
import { createVisits, type VisitOptions } from './visit.pages.ts';

const BASE = '/account';

export interface MyAccountRoomOptions
  extends
    Omit<AccountOptions, 'factors'>,
    Omit<MyAccountPagesOptions, 'account' | 'hasSecondFactor'>,
    Pick<VisitOptions, 'sessions' | 'now'>,
    OwnedGroupsPagesOptions,
    SecurityPagesOptions {
  issuer: string;
}

export function myAccountRoom(options: MyAccountRoomOptions): Room {
  const { issuer, own } = options;
  const hasSecondFactor = async (userId: string) => hasFactor(await own.factors.find(userId));
  const visits = createVisits({
    ...options,
    clientId: MY_ACCOUNT,
    callback: `${issuer}/account/callback`,
    base: BASE,
    hasSecondFactor,
    // Which group it was is forgotten: an address with a place for it would be no address.
    placeOf: (path) => (path.includes(':') ? '/account/groups' : path),
  });
  const pages = [
    ...myAccountPages({ ...options, account: createAccount({ ...options, factors: own.factors }), hasSecondFactor }),
    ...ownedGroupsPages(options),
    ...securityPages({ own, addMethods: options.addMethods }),
  ];
  return { name: 'my-account', pages: [callbackPage(pages), resumePage(BASE), ...pages.map(visits.toFormPage)] };
}
