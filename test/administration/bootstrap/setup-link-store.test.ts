import type { Connection } from 'mongoose';
import { createSetupLinkStore } from '../../../src/administration/bootstrap/bootstrap.mongo.ts';
import { itForgetsAtExpiry } from '../../support/conformance/expiring-store.ts';
import { describeOneTimeStore, EXPIRY } from '../../support/conformance/one-time-store.ts';

describe('the store of the link for the first owner', () => {
  describeOneTimeStore({
    expires: true,
    open(connection: Connection) {
      const store = createSetupLinkStore(connection);
      return {
        put: () => store.put('hash', EXPIRY),
        use: (at) => store.use('hash', at),
        useUnknown: (at) => store.use('other', at),
      };
    },
  });

  itForgetsAtExpiry('a valid link', (connection) => {
    const store = createSetupLinkStore(connection);
    return { put: () => store.put('hash', EXPIRY), isThere: (at) => store.isValid('hash', at) };
  });
});
