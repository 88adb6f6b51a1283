import type { Connection } from 'mongoose';
import { createPasswordResetRequestStore } from '../../../src/authentication/password-reset/password-reset.mongo.ts';
import { describeQueue } from '../../support/conformance/queue.ts';

describe('password resets that wait for an email', () => {
  describeQueue({
    isLeased: false,
    open(connection: Connection) {
      const store = createPasswordResetRequestStore(connection);
      return {
        put: (name, askedAt) => store.put({ username: name, address: '127.0.0.1', askedAt }),
        take: async () => (await store.take())?.username,
      };
    },
  });
});
