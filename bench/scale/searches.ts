import { fold } from '../../src/platform/sort-keys.ts';
import { unixSeconds } from '../../src/platform/clock.ts';
import type { User } from '../../src/directory/users/user.ts';
import { bigGroupId, roleIdOf } from '../population/groups.ts';
import { rolesIn } from '../population/shape.ts';
import type { Query } from '../api.ts';
import type { Draws } from './draws.ts';
import { operation, type Place, type ScaleOperation } from './operation.ts';
import { PAGE, somewhereAmongApplications, somewhereAmongUsers } from './pages.ts';
import { WrongPage } from './wrong-page.ts';

const TWO_WEEKS = 14 * 24 * 3600;
const TIERS = ['free', 'plus', 'pro', 'gold'];
const STATUSES = ['active', 'invited', 'disabled'];

const MEMBERS = 'the big group has as many times more members as there are more users';
const MATCHES = 'proportionally more users match';
const NAMES = 'more names start like this';

interface Search {
  name: string;
  query(place: Place): Query;
  differs?: string;
  /** Something matches for certain. */
  findsSomething?: true;
}

/** A search for what is known of one user, who is among those whom it finds. */
const byUser = (name: string, query: (user: User) => Query, differs?: string): Search => ({
  name,
  query: ({ draws }) => ({ limit: PAGE, ...query(draws.user()) }),
  findsSomething: true,
  ...(differs ? { differs } : {}),
});

const somewhere = (draws: Draws, sort = 'username') => somewhereAmongUsers(draws, sort);

const searches: Search[] = [
  byUser('q, two letters', ({ firstName }) => ({ q: fold(firstName).slice(0, 2) }), MATCHES),
  byUser('q, first and last name', ({ firstName, lastName }) => ({ q: `${firstName} ${lastName}` }), MATCHES),
  byUser('q, an email', ({ username }) => ({ q: username.slice(0, username.indexOf('@')) })),
  byUser('first_name', ({ firstName }) => ({ first_name: firstName }), MATCHES),
  byUser('last_name', ({ lastName }) => ({ last_name: lastName }), MATCHES),
  byUser(
    'first_name and last_name',
    ({ firstName, lastName }) => ({ first_name: firstName, last_name: lastName }),
    MATCHES,
  ),
  {
    name: 'status and kind',
    query: ({ draws }) => ({ ...somewhere(draws), kind: 'customer', status: draws.oneOf(STATUSES) }),
  },
  byUser('custom_data, one has it', ({ customData }) => ({ 'custom_data.badge': String(customData['badge']) })),
  {
    name: 'custom_data, many have it',
    query: ({ draws }) => ({ ...somewhere(draws), 'custom_data.plan.tier': draws.oneOf(TIERS) }),
    differs: MATCHES,
  },
  {
    name: 'custom_data, many, by name',
    query: ({ draws }) => ({ ...somewhere(draws, 'name'), 'custom_data.plan.tier': draws.oneOf(TIERS) }),
    differs: MATCHES,
  },
  {
    name: 'in_group, small',
    query: ({ draws }) => ({ limit: PAGE, in_group: draws.smallGroup().id }),
  },
  ...inBigGroup('in_group, big', ({ draws }) => somewhere(draws)),
  ...inBigGroup('in_group, big, with q', ({ draws }) => ({
    limit: PAGE,
    q: fold(draws.memberOfBigGroup().lastName).slice(0, 3),
  })),
  ...inBigGroup('in_group, big, with status', ({ draws }) => ({ ...somewhere(draws), status: draws.oneOf(STATUSES) })),
  ...inBigGroup('in_group, big, newest first', ({ draws }) => somewhere(draws, '-created_at')),
  {
    name: 'not_in_group',
    query: ({ draws }) => ({ ...somewhere(draws), not_in_group: draws.group().id }),
  },
  {
    name: 'role_id',
    query: ({ draws, shape }) => ({
      limit: PAGE,
      role_id: roleIdOf(shape.firstGroup + Math.floor(draws.random() * rolesIn(shape))),
    }),
  },
  byUser('created range', ({ createdAt }) => twoWeeksFrom(createdAt, 'created'), MATCHES),
  {
    name: 'last_sign_in range',
    query: ({ draws }) => ({
      limit: PAGE,
      ...twoWeeksFrom(draws.active().lastSignInAt ?? draws.user().createdAt, 'last_sign_in'),
    }),
    differs: MATCHES,
  },
  { name: 'count of all', query: ({ draws }) => ({ ...somewhere(draws), count: 'true' }) },
  byUser('count of a last name', ({ lastName }) => ({ last_name: lastName, count: 'true' }), MATCHES),
  ...inBigGroup('count of the big group', ({ draws }) => ({ ...somewhere(draws), count: 'true' })),
];

function inBigGroup(name: string, query: (place: Place) => Query): Search[] {
  return [{ name, query: (place) => ({ ...query(place), in_group: bigGroupId(place.shape) }), differs: MEMBERS }];
}

function twoWeeksFrom(from: Date, time: string): Query {
  const start = unixSeconds(from);
  return { [`${time}_after`]: start, [`${time}_before`]: start + TWO_WEEKS };
}

/** Searches for the beginning of a name that something has; all of them find it. */
const byName: Record<string, (draws: Draws) => string> = {
  '/groups': (draws) => draws.group().name,
  '/roles': (draws) => draws.role().name,
  '/applications': (draws) => draws.application().name,
};

const LETTERS = 8;

const nameSearches = Object.entries(byName).map(([path, nameOf]) =>
  searchOperation(path, {
    name: `${path.slice(1)}, q`,
    query: ({ draws }) => ({ limit: PAGE, q: nameOf(draws).slice(0, LETTERS) }),
    findsSomething: true,
    differs: NAMES,
  }),
);

function searchOperation(path: string, { name, query, differs, findsSomething }: Search): ScaleOperation {
  const search = async (place: Place) => {
    const asked = query(place);
    const found = await place.api.list(path, asked);
    if (findsSomething && found.length === 0) throw new WrongPage(JSON.stringify(asked), 'it is empty');
  };
  return operation(name, `GET ${path}`, search, differs);
}

export const searchOperations: ScaleOperation[] = [
  ...searches.map((search) => searchOperation('/users', search)),
  ...nameSearches,
  searchOperation('/applications', {
    name: 'applications, type',
    query: ({ draws }) => ({ ...somewhereAmongApplications(draws, 'forward'), type: 'spa' }),
  }),
];
