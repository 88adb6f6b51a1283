import type { Connection } from 'mongoose';
import { createPingOutbox } from '../../src/oidc/ciba/ping-outbox.mongo.ts';
import { createEncryption } from '../../src/platform/encryption.ts';
import { describeQueue, LEASE_MS } from '../support/conformance/queue.ts';
import { EXPIRY } from '../support/conformance/one-time-store.ts';

describe('pings that wait to be sent to an application', () => {
  describeQueue({
    isLeased: true,
    open(connection: Connection) {
      const store = createPingOutbox(connection, createEncryption([{ id: 'test', key: Buffer.alloc(32, 7) }]));
      return {
        put: (authReqId, at) => store.put({ clientId: 'app', authReqId, expiresAt: EXPIRY }, at),
        take: async (at) => (await store.claim(at, new Date(at.getTime() + LEASE_MS)))?.authReqId,
      };
    },
  });
});
