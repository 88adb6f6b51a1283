import { AMONG_MEMBERS, expected, SEARCHES, STARTS, type Query } from './searches.ts';
import { combinationsOf, expectSparing, plansOf, startUserSearch, type UserSearch } from './user-search.ts';

describe('searching users, to the end of every list', () => {
  let search: UserSearch;
  beforeAll(async () => {
    search = await startUserSearch();
  });
  afterAll(() => search.stop());

  it.each(SEARCHES)('finds exactly those who match %j, in order, and each once', async (query) => {
    expect((await search.walk(query)).ids).toEqual(expected(search.population, query));
  });

  it.each(['staff', 'pilots'] as const)('finds %s by any other criterion, in any order', async (cohort) => {
    const { population, walk } = search;
    const group = population[cohort];
    for (const more of AMONG_MEMBERS) {
      const query = { ...more, in_group: group };
      const ids = expected(population, query);
      expect({ query, ids: (await walk(query)).ids }).toEqual({ query, ids });
      expect({ query, ids: (await walk(more, { path: `/v1/groups/${group}/members` })).ids }).toEqual({ query, ids });
    }
  });

  it.each(['staff', 'pilots'] as const)('finds all others than %s', async (cohort) => {
    const query = { not_in_group: search.population[cohort] };
    expect((await search.walk(query)).ids.sort()).toEqual(expected(search.population, query).sort());
  });

  it.each(STARTS)('finds the starts of emails and names: %s, each user once', async (q) => {
    const { ids } = await search.walk({ q, limit: '70' });
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.sort()).toEqual(expected(search.population, { q }).sort());
  });

  it('goes back over the same pages', async () => {
    const { population, walk, idsAt } = search;
    for (const query of [
      {},
      { sort: '-created_at' },
      { q: 'ada' },
      { in_group: population.staff, sort: 'name' },
    ] as Query[]) {
      const forward = await walk({ ...query, limit: '150' });
      const backward: string[] = [];
      let cursor = forward.previous;
      while (cursor) {
        const { ids, next, previous } = await idsAt({ ...query, limit: '150', cursor });
        backward.unshift(...ids);
        expect(next).not.toBeNull();
        cursor = previous;
      }
      expect(backward).toEqual(forward.ids.slice(0, backward.length));
      expect(backward.length).toBeGreaterThanOrEqual(forward.ids.length - 150);
    }
  });

  it('never reads the whole collection, whatever is combined', async () => {
    const { served, plans } = await plansOf(search, combinationsOf(search.population, { inPairs: true }));
    expect(served).toBeGreaterThan(300);
    expect(plans.length).toBeGreaterThan(served);
    expectSparing(plans);
  });
});
