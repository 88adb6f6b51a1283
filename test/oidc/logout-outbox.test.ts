import type { Connection } from 'mongoose';
import { createLogoutOutbox } from '../../src/oidc/logout/logout-outbox.mongo.ts';
import { describeQueue, LEASE_MS } from '../support/conformance/queue.ts';

describe('logout notices that wait to be sent to an application', () => {
  describeQueue({
    isLeased: true,
    open(connection: Connection) {
      const store = createLogoutOutbox(connection);
      return {
        put: (sid, at) => store.put([{ userId: 'ada', clientId: 'app', sid }], at),
        take: async (at) => (await store.claim('app', at, new Date(at.getTime() + LEASE_MS)))?.sid,
      };
    },
  });
});
