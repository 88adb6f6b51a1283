import { AMONG_MEMBERS, expected, SEARCHES, STARTS, UNSUPPORTED, type Query } from './searches.ts';
import { USERS } from './population.ts';
import { combinationsOf, expectSparing, plansOf, startUserSearch, type UserSearch } from './user-search.ts';

/** `search.exhaustive.test.ts` reads all lists to their ends. */
const PAGES = 2;

describe('searching users', () => {
  let search: UserSearch;
  beforeAll(async () => {
    search = await startUserSearch();
  });
  afterAll(() => search.stop());

  /** Compares as much as is read. */
  async function expectList(query: Query, path?: string, asked: Query = query): Promise<void> {
    const { ids, isWhole } = await search.walk(asked, { ...(path ? { path } : {}), pages: PAGES });
    const all = expected(search.population, query);
    expect({ query, ids }).toEqual({ query, ids: isWhole ? all : all.slice(0, ids.length) });
    expect(ids.length).toBeGreaterThanOrEqual(Math.min(all.length, 200));
  }

  it.each(SEARCHES)('finds exactly those who match %j, in order, and each once', (query) => expectList(query));

  it.each(['staff', 'pilots'] as const)('finds %s by any other criterion, in any order', async (cohort) => {
    const group = search.population[cohort];
    for (const more of AMONG_MEMBERS) {
      const query = { ...more, in_group: group };
      await expectList(query);
      await expectList(query, `/v1/groups/${group}/members`, more);
    }
  });

  it.each(['staff', 'pilots'] as const)('finds others than %s, and some of them by name or role', async (cohort) => {
    const { population } = search;
    const group = population[cohort];
    const queries = [
      { not_in_group: group, status: 'disabled' },
      { in_group: group, q: 'gra' },
      { role_id: population.pilotRole, in_group: group },
    ];
    for (const query of queries) {
      const { ids } = await search.walk(query);
      expect({ query, ids: ids.sort() }).toEqual({ query, ids: expected(population, query).sort() });
    }
  });

  it.each(STARTS)('finds the starts of emails and names: %s, each user once', async (q) => {
    const { ids, isWhole } = await search.walk({ q, limit: '70' }, { pages: PAGES });
    const all = new Set(expected(search.population, { q }));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !all.has(id))).toEqual([]);
    if (isWhole) expect(ids).toHaveLength(all.size);
  });

  it('goes back to the page before', async () => {
    for (const query of [{}, { sort: '-created_at' }, { in_group: search.population.staff, sort: 'name' }] as Query[]) {
      const first = await search.idsAt(query);
      const second = await search.idsAt({ ...query, cursor: first.next! });
      expect((await search.idsAt({ ...query, cursor: second.previous! })).ids).toEqual(first.ids);
    }
  });

  it('counts a little exactly, and much without counting it', async () => {
    const { get, population } = search;
    const count = async (query: Query) => (await get({ ...query, limit: '1', count: 'true' })).body.count as object;
    expect(await count({})).toEqual({ value: USERS, relation: 'estimated' });
    for (const query of [
      { in_group: population.pilots },
      { q: 'ada' },
      { q: 'gra', kind: 'customer' },
      { status: 'disabled', 'custom_data.age': '3' },
    ] as Query[])
      expect(await count(query)).toEqual({ value: expected(population, query).length, relation: 'exact' });
    expect((await get({})).body).not.toHaveProperty('count');
  });

  it.each(UNSUPPORTED)('refuses %j, and says what can be served', async (query, parameter, sentence) => {
    const { body } = await search.get(query);
    expect(body).toMatchObject({ status: 400, code: 'unsupported_search', errors: [{ parameter }] });
    expect(body.detail).toContain(sentence);
  });

  it('refuses a cursor of the same list in another order', async () => {
    const { next } = await search.idsAt({ limit: '1' });
    expect((await search.get({ sort: 'name', cursor: next! })).body).toMatchObject({ code: 'bad_cursor' });
  });

  it('never reads the whole collection for a single criterion', async () => {
    const { served, plans } = await plansOf(search, combinationsOf(search.population, { inPairs: false }));
    expect(served).toBeGreaterThan(100);
    expect(plans.length).toBeGreaterThan(served);
    expectSparing(plans);
  });
});
