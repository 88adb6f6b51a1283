/**
 * Owns back-channel logout: which applications are notified that a session has ended, and the outbox of the notices.
 * Must not touch: sessions. Whoever ends one writes the notices in the same transaction; `provider/` signs and sends them.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { SharedSignals } from '../shared-signals/module.ts';
import { createPostings, type LogoutOutbox, type Postings } from './logout-notice.ts';
import { createLogoutOutbox } from './logout-outbox.mongo.ts';

export interface Logout extends Postings {
  outbox: LogoutOutbox;
}

export function createLogoutModule(
  { config, connection, newId, now }: Platform,
  {
    applications,
    sharedSignals,
  }: { applications: Pick<Applications, 'cached'>; sharedSignals: Pick<SharedSignals, 'postSignals'> },
): { service: Logout; module: Module } {
  const outbox = createLogoutOutbox(connection);
  const { postLogouts, postNotices, postRevoked } = createPostings({
    outbox,
    isOn: config.backchannelLogout,
    applicationsByIds: applications.cached,
    postSignals: sharedSignals.postSignals,
    newId,
    now,
  });
  return { service: { outbox, postLogouts, postNotices, postRevoked }, module: { name: 'logout' } };
}
