import type { Connection } from 'mongoose';
import type { Role } from '../../../src/directory/roles/role.ts';
import { createRoleCache, createRoleStore } from '../../../src/directory/roles/roles.mongo.ts';
import type { PageRequest } from '../../../src/platform/paging.ts';
import { describeDirectoryStore, describeRenaming } from '../../support/conformance/directory-store.ts';
import { NOW } from '../../support/conformance/one-time-store.ts';
import { describeWatchedCache } from '../../support/conformance/watched-cache.ts';

function make(number: number): Role {
  const digits = String(number).padStart(2, '0');
  return {
    id: `00000000000000${digits}`,
    name: `editor ${digits}`,
    description: '',
    requiresSecondFactor: false,
    createdAt: NOW,
    updatedAt: NOW,
  };
}

function open(connection: Connection) {
  const store = createRoleStore(connection);
  return {
    ...store,
    page: (request: PageRequest) => store.list({}, request),
    rename: (id: string, name: string) => store.update(id, { name }, NOW),
  };
}

describe('the store of roles', () => {
  const rivalOf = ({ name }: Role) => ({ ...make(99), name: name.toUpperCase() });
  describeDirectoryStore({ open, make, rivalOf });
});

describe('the names in the store of roles', () => {
  describeRenaming({ open, make });
});

describe('the cache of roles', () => {
  describeWatchedCache({
    open: (connection) => ({ ...open(connection), cache: createRoleCache(connection) }),
    make,
  });
});
