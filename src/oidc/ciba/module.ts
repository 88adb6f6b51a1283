/**
 * Owns the requests of applications that users approve on another device (CIBA), until they are answered, and the pings that
 * did not reach their applications.
 * Must not touch: the tokens, which the provider issues, and the page on which they are approved (`my-account/`).
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Applications } from '../../directory/applications/applications.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import type { Users } from '../../directory/users/users.ts';
import type { Mail } from '../../platform/mail/mail.ts';
import type { FindUser } from '../provider/request-users.ts';
import { createPingDelivery } from './ping-delivery.ts';
import { createPingOutbox } from './ping-outbox.mongo.ts';
import { createSignInRequests, type CibaRequests } from './sign-in-requests.ts';
import { createSignInRequestStore } from './sign-in-requests.mongo.ts';

export interface CibaModuleOptions {
  audit: Audit;
  users: Pick<Users, 'findByUsername'>;
  applications: Pick<Applications, 'find'>;
  findUser: FindUser;
  mail: Pick<Mail, 'post'>;
}

export function createCibaModule(
  { config, connection, encryption, transact, newId, now, log }: Platform,
  { audit, users, applications, findUser, mail }: CibaModuleOptions,
): { service: CibaRequests; module: Module } {
  const store = createSignInRequestStore(connection, encryption);
  const outbox = createPingOutbox(connection, encryption);
  const requests = createSignInRequests({
    store,
    findApplication: applications.find,
    findUser,
    findByUsername: users.findByUsername,
    post: mail.post,
    audit,
    transact,
    newId,
    now,
    log,
    issuer: config.issuer,
    pings: createPingDelivery({ outbox, now, log }),
  });
  return {
    service: requests,
    module: {
      name: 'ciba',
      async onDelete({ kind, id }) {
        if (kind === 'user') await store.removeOfUser(id);
        if (kind !== 'application') return;
        await store.removeOfApplication(id);
        await outbox.removeOfApplication(id);
      },
    },
  };
}
