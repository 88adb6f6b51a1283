import { USER_SORTS } from '../../../src/directory/users/user-search.ts';
import { KINDS } from '../../../src/directory/users/user.ts';
import { adminToken, startApp } from '../../support/app.ts';
import { createPopulation, type Population } from './population.ts';
import { oneOfEach, type Query } from './searches.ts';

export type UserSearch = Awaited<ReturnType<typeof startUserSearch>>;

/** An app with its population, and the API's lists of users. */
export async function startUserSearch() {
  const test = await startApp();
  const token = await adminToken(test);
  const population = await createPopulation(test);

  const get = (query: Query, path = '/v1/users') =>
    test.http.get(path).query(query).set('authorization', `Bearer ${token}`);

  async function idsAt(query: Query, path?: string) {
    const { body, status } = await get(query, path);
    if (status !== 200) throw new Error(JSON.stringify({ query, body }));
    const { result, next, previous } = body as Record<'next' | 'previous', string | null> & {
      result: { user_id: string }[];
    };
    return { ids: result.map(({ user_id: id }) => id), next, previous };
  }

  /** Reads a list from page to page, at most so many; `previous` is the last page's. */
  async function walk(query: Query, { path, pages = Infinity }: { path?: string; pages?: number } = {}) {
    let page = await idsAt({ limit: '200', ...query }, path);
    const ids = [...page.ids];
    for (let read = 1; page.next && read < pages; read += 1) {
      page = await idsAt({ limit: '200', ...query, cursor: page.next }, path);
      ids.push(...page.ids);
    }
    return { ids, isWhole: page.next === null, previous: page.previous };
  }

  return { test, population, get, idsAt, walk, stop: () => test.tearDown() };
}

/** Every parameter alone, and with every other one when `inPairs`, in every order. */
export function combinationsOf(population: Population, { inPairs }: { inPairs: boolean }): Query[] {
  const values = oneOfEach(population);
  const names = Object.keys(values);
  const alone = names.map((name) => ({ [name]: values[name]! }));
  const pairs = names.flatMap((a, index) => names.slice(index + 1).map((b) => ({ [a]: values[a]!, [b]: values[b]! })));
  const triples = KINDS.map((kind) => ({
    kind,
    status: 'active',
    in_group: population.staff,
    'custom_data.tags': 't1',
  }));
  const sorts = [{}, ...USER_SORTS.flatMap((sort) => [{ sort }, { sort: `-${sort}` }])];
  return [{}, ...alone, ...(inPairs ? pairs : []), ...triples].flatMap((query) =>
    sorts.map((sort) => ({ ...query, ...sort })),
  );
}

/** What the database planned for a search. */
interface Plan {
  planSummary: string;
  docsExamined: number;
  keysExamined: number;
  hasSortStage?: boolean;
  command: object;
}

/** Searches for all of these while the database writes down its plans. Returns how many were served, and the plans. */
export async function plansOf(search: UserSearch, queries: Query[]): Promise<{ served: number; plans: Plan[] }> {
  const { db } = search.test.app.database.connection;
  await db!.createCollection('system.profile', { capped: true, size: 256 * 1024 * 1024 });
  await db!.command({ profile: 2 });
  let served = 0;
  try {
    for (const query of queries) served += (await isServed(search, query)) ? 1 : 0;
  } finally {
    await db!.command({ profile: 0 });
  }
  const plans = await db!
    .collection('system.profile')
    .find({ ns: `${db!.databaseName}.users`, op: { $in: ['query', 'command'] }, planSummary: { $exists: true } })
    .toArray();
  return { served, plans: plans as unknown as Plan[] };
}

/** Asks for the first two pages. */
async function isServed({ get }: UserSearch, query: Query): Promise<boolean> {
  const first = await get({ ...query, limit: '50', count: 'true' });
  if (first.status === 400) {
    expect(first.body.code).toBe('unsupported_search');
    return false;
  }
  expect({ query, status: first.status }).toEqual({ query, status: 200 });
  if (first.body.next) await get({ ...query, cursor: first.body.next as string });
  return true;
}

const seen = ({ planSummary, docsExamined, keysExamined, command }: Plan) => ({
  planSummary,
  docsExamined,
  keysExamined,
  command,
});

/** No search reads the whole collection, and only what is little is sorted after reading. */
export function expectSparing(plans: Plan[]): void {
  const readsAll = plans.filter(
    // The collection's own statistics answer a count of everybody.
    ({ planSummary, docsExamined }) =>
      (!planSummary.startsWith('IXSCAN') && !/^(RECORD_STORE_FAST_)?COUNT|COUNT_SCAN/.test(planSummary)) ||
      docsExamined > 10_001,
  );
  expect(readsAll.map(seen)).toEqual([]);
  const sortsMuch = plans.filter(({ hasSortStage, keysExamined }) => hasSortStage && keysExamined > 5001);
  expect(sortsMuch.map(seen)).toEqual([]);
}
