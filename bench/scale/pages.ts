import { toDocument as toApplicationDocument } from '../../src/directory/applications/application-document.mongo.ts';
import { listOfApplications } from '../../src/directory/applications/application-search.ts';
import { nameKey } from '../../src/platform/names.ts';
import { encodeCursor } from '../../src/platform/paging.ts';
import { timeKey } from '../../src/platform/sort-keys.ts';
import { toDocument } from '../../src/directory/groups/group-document.mongo.ts';
import { listOfGroups, type GroupSort } from '../../src/directory/groups/group-search.ts';
import { derived } from '../../src/directory/users/user-document.mongo.ts';
import { listOf, type UserSort } from '../../src/directory/users/user-search.ts';
import type { Query } from '../api.ts';
import type { Draws } from './draws.ts';

/** Full in both databases, also where the small one has few who match. */
export const PAGE = 20;

export type Direction = 'forward' | 'backward';

/** The page of people at a random place of their order, whether or not whoever stands there matches the search. */
export function somewhereAmongUsers(draws: Draws, sort: string, direction: Direction = 'forward'): Query {
  const name = sort.replace(/^-/, '') as UserSort;
  const { order } = derived(draws.user());
  const keys = {
    username: order.address,
    name: order.name,
    created_at: order.created,
    updated_at: order.updated,
    last_sign_in_at: order.signedIn,
  };
  const list = listOf({ sort: name, descending: sort.startsWith('-') });
  return { sort, ...pageAt(list, keys[name], direction) };
}

export function somewhereAmongGroups(draws: Draws, sort: string, direction: Direction): Query {
  const name = sort.replace(/^-/, '') as GroupSort;
  const { order } = toDocument(draws.group());
  const keys = { name: order.name, created_at: order.created, updated_at: order.updated };
  const list = listOfGroups({ sort: name, descending: sort.startsWith('-'), customData: [] });
  return { sort, ...pageAt(list, keys[name], direction) };
}

export const somewhereAmongRoles = (draws: Draws, direction: Direction): Query =>
  pageAt('roles', nameKey(draws.role().name), direction);

export const somewhereAmongApplications = (draws: Draws, direction: Direction): Query =>
  pageAt(
    listOfApplications({ sort: 'name', descending: false }),
    toApplicationDocument(draws.application()).order.name,
    direction,
  );

export function somewhereAmongEvents(draws: Draws, direction: Direction): Query {
  const { at, id } = draws.event();
  return pageAt('audit-events:-at', timeKey(at, id), direction);
}

/** Such a cursor comes with the page before; the bench has not been there. */
function pageAt(list: string, key: string, direction: Direction): Query {
  return { limit: PAGE, cursor: encodeCursor(list, { key, backward: direction === 'backward' }) };
}
