import type { Connection } from 'mongoose';
import { everybody } from '../../../src/directory/users/user-search.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { createUserStore } from '../../../src/directory/users/users.mongo.ts';
import type { PageRequest } from '../../../src/platform/paging.ts';
import { describeDirectoryStore } from '../../support/conformance/directory-store.ts';
import { NOW } from '../../support/conformance/one-time-store.ts';

function make(number: number): User {
  const digits = String(number).padStart(2, '0');
  return {
    id: `00000000000000${digits}`,
    kind: 'customer',
    username: `ada${digits}@example.com`,
    firstName: 'Ada',
    lastName: 'Lovelace',
    status: 'active',
    attributes: {},
    customData: { number },
    memberships: [],
    adminRoles: [],
    ownerOf: [],
    passwordIsTemporary: false,
    createdAt: NOW,
    updatedAt: NOW,
  };
}

function open(connection: Connection) {
  const store = createUserStore(connection, () => new Date());
  return { ...store, page: (request: PageRequest) => store.search(everybody, request) };
}

describe('the store of users', () => {
  const rivalOf = ({ username }: User) => ({ ...make(99), username });
  describeDirectoryStore({ open, make, rivalOf });
});
