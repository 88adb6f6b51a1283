import type { Connection } from 'mongoose';
import { createChallengeStore } from '../../../src/authentication/mfa/challenges.mongo.ts';
import { createMailCodeStore } from '../../../src/authentication/mfa/email-otp.mongo.ts';
import { createRecoveryCodeStore } from '../../../src/authentication/mfa/recovery-codes.mongo.ts';
import { createTotpStore } from '../../../src/authentication/mfa/totp.mongo.ts';
import { createTrustedDeviceStore } from '../../../src/authentication/mfa/trusted-devices.mongo.ts';
import { itForgetsAtExpiry } from '../../support/conformance/expiring-store.ts';
import { describeOneTimeStore, EXPIRY, NOW } from '../../support/conformance/one-time-store.ts';

describe('the store of used challenges', () => {
  describeOneTimeStore({
    expires: false,
    open(connection: Connection) {
      const store = createChallengeStore(connection);
      return { put: async () => {}, use: () => store.use('challenge', EXPIRY) };
    },
  });
});

describe('the store of codes by email', () => {
  describeOneTimeStore({
    expires: true,
    open(connection: Connection) {
      const store = createMailCodeStore(connection);
      return {
        put: () => store.put('ada', { encrypted: 'code', expiresAt: EXPIRY, triesLeft: 5 }),
        use: async (at) => (await store.take('ada', at)) !== undefined && store.use('ada', 'code'),
        useUnknown: () => store.use('grace', 'code'),
      };
    },
  });
});

describe('the store of recovery codes', () => {
  describeOneTimeStore({
    expires: false,
    open(connection: Connection) {
      const store = createRecoveryCodeStore(connection);
      return {
        put: () => store.replace('ada', ['first', 'second'], NOW),
        use: async () => (await store.use('ada', 'first')) === 1,
        useUnknown: async () => (await store.use('ada', 'other')) !== undefined,
      };
    },
  });
});

describe('the store of authenticator apps, for a step', () => {
  describeOneTimeStore({
    expires: false,
    open(connection: Connection) {
      const store = createTotpStore(connection);
      return {
        put: async () => void (await store.insert('ada', { encrypted: 'secret', lastStep: 4 }, NOW)),
        use: (at) => store.useStep('ada', 5, at),
        useUnknown: (at) => store.useStep('ada', 4, at),
      };
    },
  });
});

describe('the store of trusted devices', () => {
  const device = { id: 'd', userId: 'ada', mark: 0, userAgent: '', address: '', createdAt: NOW, expiresAt: EXPIRY };

  itForgetsAtExpiry('a device', (connection) => {
    const store = createTrustedDeviceStore(connection);
    return {
      put: () => store.insert('hash', device),
      isThere: (at) => store.see('hash', { userId: 'ada', mark: 0 }, at),
    };
  });

  itForgetsAtExpiry('a device in its list', (connection) => {
    const store = createTrustedDeviceStore(connection);
    return {
      put: () => store.insert('hash', device),
      isThere: async (at) => (await store.list('ada', at)).length === 1,
    };
  });
});
