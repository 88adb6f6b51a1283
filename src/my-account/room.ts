/**
 * Owns the pages on which people look after their own account.
 * Must not touch: anything by itself; every change is a verb of the room that owns the thing.
 */
import { MY_ACCOUNT } from '../applications/first-party.ts';
import type { Room } from '../room.ts';
import { createAccount, type AccountOptions } from './account.ts';
import { callbackPage, myAccountPages, type MyAccountPagesOptions } from './my-account.pages.ts';
import { createVisits, type VisitOptions } from './visit.pages.ts';

export interface MyAccountRoomOptions
  extends
    AccountOptions,
    Omit<MyAccountPagesOptions, 'account'>,
    Pick<VisitOptions, 'sessions' | 'findPerson' | 'now'> {
  issuer: string;
}

export function myAccountRoom(options: MyAccountRoomOptions): Room {
  const visits = createVisits({ ...options, clientId: MY_ACCOUNT, callback: `${options.issuer}/account/callback` });
  const pages = myAccountPages({ ...options, account: createAccount(options) });
  return { name: 'my-account', pages: [callbackPage(pages), ...pages.map(visits.toFormPage)] };
}
