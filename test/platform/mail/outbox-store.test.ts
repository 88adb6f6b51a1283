import type { Connection } from 'mongoose';
import { createOutbox } from '../../../src/platform/mail/outbox.mongo.ts';
import { describeQueue, LEASE_MS } from '../../support/conformance/queue.ts';

describe('emails that wait to be sent', () => {
  describeQueue({
    isLeased: true,
    open(connection: Connection) {
      const store = createOutbox(connection);
      return {
        put: (id, postedAt) => store.put([{ id, view: 'message', encrypted: '', isBulk: false, postedAt }]),
        take: async (at) => (await store.claim(at, new Date(at.getTime() + LEASE_MS)))?.id,
      };
    },
  });
});
