import type { App } from '../src/app/app.ts';
import { createRecordStores } from '../src/administration/import-export/record-stores.mongo.ts';
import type { Group } from '../src/directory/groups/group.ts';
import type { User } from '../src/directory/users/user.ts';
import { createUserStore } from '../src/directory/users/users.mongo.ts';
import { system } from '../src/platform/actor.ts';
import { idOf } from './population/random.ts';
import { crowd, CROWDED_GROUP, memberOf, NUMBERS_OF_GROUPS } from './sample.ts';

const GROUP_SALT = 0x63726f67;
const USER_SALT = 0x63726f77;
const BATCH = 1000;

const clock = () => new Date();

/** Fills one group with many users, and adds users who are in many groups: more than is quick to add one by one. */
export async function addCrowd({ database: { connection } }: App, passwordHash: string): Promise<void> {
  const groups = createRecordStores(connection, clock).groups;
  const users = createUserStore(connection, clock);
  const many = Array.from({ length: Math.max(...NUMBERS_OF_GROUPS) }, (_, number) => groupOf(number, `Crew ${number}`));
  const crowded = groupOf(-1, CROWDED_GROUP);
  for (let from = 0; from < many.length; from += BATCH) await groups.insert(many.slice(from, from + BATCH));
  await groups.insert([crowded]);
  const members = crowd.map((username, number) => userOf(number, username, [crowded]));
  const inMany = NUMBERS_OF_GROUPS.map((count, index) =>
    userOf(crowd.length + index, memberOf(count), many.slice(0, count)),
  );
  await users.insertMany([...members, ...inMany].map((user) => ({ user, passwordHash })));
}

function groupOf(number: number, name: string): Group {
  return {
    id: idOf(GROUP_SALT, number),
    name,
    formerNames: [],
    description: '',
    roleIds: [],
    requiresSecondFactor: false,
    customData: {},
    createdAt: clock(),
    updatedAt: clock(),
  };
}

function userOf(number: number, username: string, groups: Group[]): User {
  return {
    id: idOf(USER_SALT, number),
    kind: 'customer',
    username,
    firstName: 'Grace',
    lastName: 'Hopper',
    status: 'active',
    attributes: {},
    customData: {},
    memberships: groups.map(({ id }) => ({ group: id, since: clock(), by: system.id })),
    ownerOf: [],
    adminRoles: [],
    passwordIsTemporary: false,
    createdAt: clock(),
    updatedAt: clock(),
  };
}
