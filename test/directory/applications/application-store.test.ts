import type { Connection } from 'mongoose';
import type { Application } from '../../../src/directory/applications/application.ts';
import {
  createApplicationCache,
  createApplicationStore,
} from '../../../src/directory/applications/applications.mongo.ts';
import { DEFAULT_CLAIM_POLICY } from '../../../src/directory/applications/claim-policy.ts';
import type { PageRequest } from '../../../src/platform/paging.ts';
import { describeDirectoryStore } from '../../support/conformance/directory-store.ts';
import { NOW } from '../../support/conformance/one-time-store.ts';
import { describeWatchedCache } from '../../support/conformance/watched-cache.ts';

function make(number: number): Application {
  const digits = String(number).padStart(2, '0');
  return {
    id: `00000000000000${digits}`,
    name: `Flight plans ${digits}`,
    description: '',
    type: 'web',
    metadata: { redirect_uris: ['https://app.example.com/'] },
    adminScopes: [],
    skipConsent: false,
    requirePkce: false,
    requiresSecondFactor: false,
    claimPolicy: DEFAULT_CLAIM_POLICY,
    createdAt: NOW,
    updatedAt: NOW,
  };
}

function open(connection: Connection) {
  const store = createApplicationStore(connection);
  return {
    ...store,
    page: (request: PageRequest) => store.search({ sort: 'name', descending: false }, request),
    rename: async (id: string, name: string) => store.replace({ ...(await store.find(id))!, name }),
  };
}

describe('the store of applications', () => {
  const rivalOf = ({ id }: Application) => ({ ...make(99), id });
  describeDirectoryStore({ open, make, rivalOf });
});

describe('the cache of applications', () => {
  describeWatchedCache({
    open: (connection) => ({ ...open(connection), cache: createApplicationCache(connection) }),
    make,
  });
});
