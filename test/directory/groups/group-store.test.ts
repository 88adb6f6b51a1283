import type { Connection } from 'mongoose';
import type { Group } from '../../../src/directory/groups/group.ts';
import { createGroupCache, createGroupStore } from '../../../src/directory/groups/groups.mongo.ts';
import { describeDirectoryStore, describeRenaming } from '../../support/conformance/directory-store.ts';
import { NOW } from '../../support/conformance/one-time-store.ts';
import { describeWatchedCache } from '../../support/conformance/watched-cache.ts';

const byName = { customData: [], sort: 'name', descending: false } as const;

function make(number: number): Group {
  const digits = String(number).padStart(2, '0');
  return {
    id: `00000000000000${digits}`,
    name: `Pilots ${digits}`,
    formerNames: [],
    description: '',
    roleIds: [],
    requiresSecondFactor: false,
    customData: { number },
    createdAt: NOW,
    updatedAt: NOW,
  };
}

function open(connection: Connection) {
  const store = createGroupStore(connection);
  return {
    ...store,
    page: (request: Parameters<typeof store.search>[1]) => store.search({ ...byName, customData: [] }, request),
    rename: (id: string, name: string) => store.update(id, { name }, NOW),
  };
}

describe('the store of groups', () => {
  const rivalOf = ({ name }: Group) => ({ ...make(99), name: name.toUpperCase() });
  describeDirectoryStore({ open, make, rivalOf });
});

describe('the names in the store of groups', () => {
  describeRenaming({ open, make, keepsOldName: true });
});

describe('the cache of groups', () => {
  describeWatchedCache({
    open: (connection) => ({ ...open(connection), cache: createGroupCache(connection) }),
    make,
  });
});
