import type { User } from '../../../src/directory/users/user.ts';
import { createUserStore } from '../../../src/directory/users/users.mongo.ts';
import { giveGroup, giveRole, type TestApp } from '../../support/app.ts';

/** More than a search looks at whole, so that a large group is large. */
export const USERS = 6000;
export const START = Date.UTC(2026, 0, 1);
export const MINUTE = 60_000;

const FIRST_NAMES = ['Ada', 'Émilie', 'Grace', 'Åsa', 'Zed', 'Ada Marie'];
const LAST_NAMES = ['Lovelace', 'du Châtelet', 'Hopper', 'Åkesson', 'Young', ''];

/** Every so-many-th user, beginning with this one. */
const every = (step: number, from: number) => (index: number) => index % step === from;

/** Who is what. A user is in several of these cohorts, in every combination. */
const isIn = {
  administrators: every(50, 0),
  disabled: every(11, 0),
  invited: every(5, 0),
  neverSignedIn: every(3, 0),
  withoutGroups: every(20, 1),
  pilots: every(300, 7),
  gold: every(40, 3),
};

/** What the tests look for: a group of almost everybody, and one of a few, which has a role. */
export interface Population {
  users: User[];
  staff: string;
  pilots: string;
  pilotRole: string;
}

/** Fills the directory, past the service, which would take a minute. */
export async function createPopulation(test: TestApp): Promise<Population> {
  const pilotRole = (await giveRole(test, 'pilot')).id;
  const staff = (await giveGroup(test, 'Staff')).id;
  const pilots = (await giveGroup(test, 'Pilots', [], [pilotRole])).id;
  const users = Array.from({ length: USERS }, (_, index) => userAt(index, { staff, pilots }));
  const store = createUserStore(test.app.database.connection, () => new Date());
  for (let from = 0; from < USERS; from += 1000)
    await store.insertMany(users.slice(from, from + 1000).map((user) => ({ user })));
  return { users, staff, pilots, pilotRole };
}

function userAt(index: number, groups: { staff: string; pilots: string }): User {
  const since = new Date(START);
  // By factors that share no divisor with the number of users, so that no order is that of another.
  const createdAt = new Date(START + ((index * 31) % USERS) * MINUTE);
  const lastSignInAt = new Date(START + ((index * 7919) % USERS) * MINUTE);
  return {
    id: index.toString(16).padStart(16, '0'),
    kind: isIn.administrators(index) ? 'administrator' : 'customer',
    username: `${index % 2 ? 'ada' : 'zoe'}${(index * 37) % USERS}@example.com`,
    firstName: FIRST_NAMES[index % FIRST_NAMES.length]!,
    lastName: LAST_NAMES[Math.floor(index / 7) % LAST_NAMES.length]!,
    status: statusAt(index),
    attributes: {},
    customData: {
      plan: { tier: isIn.gold(index) ? 'gold' : 'free' },
      tags: ['all', `t${index % 100}`],
      age: index % 90,
    },
    memberships: groupsAt(index, groups).map((group) => ({ group, since, by: 'test' })),
    adminRoles: [],
    ownerOf: [],
    passwordIsTemporary: false,
    createdAt,
    // All of them at once, as after an import.
    updatedAt: since,
    ...(isIn.neverSignedIn(index) ? {} : { lastSignInAt }),
  };
}

function statusAt(index: number): User['status'] {
  if (isIn.disabled(index)) return 'disabled';
  return isIn.invited(index) ? 'invited' : 'active';
}

function groupsAt(index: number, { staff, pilots }: { staff: string; pilots: string }): string[] {
  if (isIn.administrators(index)) return [];
  return [...(isIn.withoutGroups(index) ? [] : [staff]), ...(isIn.pilots(index) ? [pilots] : [])];
}
