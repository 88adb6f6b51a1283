import type { Connection } from 'mongoose';
import { createRegistrationStore } from '../../../src/authentication/registration/registration.mongo.ts';
import { itForgetsAtExpiry } from '../../support/conformance/expiring-store.ts';
import { EXPIRY, NOW } from '../../support/conformance/one-time-store.ts';
import { describeQueue } from '../../support/conformance/queue.ts';

const pending = (id: string, askedAt: Date) => ({
  id,
  username: `${id}@example.com`,
  firstName: '',
  lastName: '',
  passwordHash: 'hash',
  askedAt,
  expiresAt: EXPIRY,
});

describe('the store of registrations', () => {
  itForgetsAtExpiry('a registration', (connection) => {
    const store = createRegistrationStore(connection);
    return {
      put: () => store.insert(pending('ada', NOW)),
      isThere: async (at) => (await store.find('ada', at)) !== undefined,
    };
  });
});

describe('registrations that wait for an email', () => {
  describeQueue({
    isLeased: false,
    open(connection: Connection) {
      const store = createRegistrationStore(connection);
      return {
        put: (name, at) => store.insert(pending(name, at)),
        take: async () => (await store.takeUnanswered())?.id,
      };
    },
  });
});
