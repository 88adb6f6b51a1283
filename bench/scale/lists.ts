import { operation, type Place, type ScaleOperation } from './operation.ts';
import {
  PAGE,
  somewhereAmongApplications,
  somewhereAmongEvents,
  somewhereAmongGroups,
  somewhereAmongUsers,
  somewhereAmongRoles,
  type Direction,
} from './pages.ts';
import type { Query } from '../api.ts';
import { WrongPage } from './wrong-page.ts';

const bothWays = (sort: string) => [sort, `-${sort}`];
const USER_SORTS = ['username', 'name', 'created_at', 'updated_at', 'last_sign_in_at'].flatMap(bothWays);
const GROUP_SORTS = ['name', 'created_at', 'updated_at'].flatMap(bothWays);

interface List {
  name: string;
  path: string;
  /** The first page, of one order or another where the list has several. */
  first(place: Place): Query;
  somewhere(place: Place, direction: Direction): Query;
}

const lists: List[] = [
  {
    name: 'users',
    path: '/users',
    first: ({ draws }) => ({ sort: draws.oneOf(USER_SORTS), limit: pageLength(draws.random()) }),
    somewhere: ({ draws }, direction) => somewhereAmongUsers(draws, draws.oneOf(USER_SORTS), direction),
  },
  {
    name: 'groups',
    path: '/groups',
    first: ({ draws }) => ({ sort: draws.oneOf(GROUP_SORTS), limit: pageLength(draws.random()) }),
    somewhere: ({ draws }, direction) => somewhereAmongGroups(draws, draws.oneOf(GROUP_SORTS), direction),
  },
  {
    name: 'roles',
    path: '/roles',
    first: firstPage,
    somewhere: ({ draws }, direction) => somewhereAmongRoles(draws, direction),
  },
  {
    name: 'applications',
    path: '/applications',
    first: firstPage,
    somewhere: ({ draws }, direction) => somewhereAmongApplications(draws, direction),
  },
  {
    name: 'audit-events',
    path: '/audit-events',
    // Of what is done to people: adding members by the thousand leaves long events, which would be all of the first page.
    first: (place) => ({ ...firstPage(place), target_kind: 'user' }),
    somewhere: ({ draws }, direction) => somewhereAmongEvents(draws, direction),
  },
];

function firstPage({ draws }: Place): Query {
  return { limit: pageLength(draws.random()) };
}

/** About a page long and never twice the same in a row, for lists that have one first page only. */
function pageLength(chance: number): number {
  return PAGE - 5 + Math.floor(chance * 11);
}

export const listOperations: ScaleOperation[] = lists.flatMap(({ name, path, first, somewhere }) => [
  operation(`${name}: first page`, `GET ${path}`, async (place) => {
    const items = await place.api.list(path, first(place));
    if (items.length === 0) throw new WrongPage(path, 'it is empty');
  }),
  operation(`${name}: forwards`, `GET ${path} from a random place on`, (place) =>
    place.api.list(path, somewhere(place, 'forward')),
  ),
  operation(`${name}: backwards`, `GET ${path} from a random place back`, (place) =>
    place.api.list(path, somewhere(place, 'backward')),
  ),
]);
