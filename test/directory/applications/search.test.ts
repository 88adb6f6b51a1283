import { timeKey } from '../../../src/platform/sort-keys.ts';
import { createApplicationStore } from '../../../src/directory/applications/applications.mongo.ts';
import { APPLICATION_TYPES, type Application } from '../../../src/directory/applications/application.ts';
import { DEFAULT_CLAIM_POLICY } from '../../../src/directory/applications/claim-policy.ts';
import { enterConsole } from '../../support/console.ts';
import { adminToken, giveUser, startApp, type TestApp } from '../../support/app.ts';

const NAMES = ['Crew portal', 'Émile', 'crew planner', 'Log book', 'CREW', 'Zeppelin'];
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;
const MANY = 120;

type Query = Record<string, string>;

describe('searching applications', () => {
  let test: TestApp;
  let token: string;
  let applications: Application[];

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    const store = createApplicationStore(test.app.database.connection);
    const { items: theOneThatAsks } = await store.search({ sort: 'name', descending: false }, { list: '', limit: 9 });
    const made = Array.from({ length: MANY }, (_, index) => application(index));
    for (const each of made) await store.insert(each);
    applications = [...theOneThatAsks, ...made];
  });
  afterAll(() => test.tearDown());

  function application(index: number): Application {
    return {
      id: index.toString(16).padStart(16, '0'),
      name: NAMES[index % NAMES.length]!,
      description: '',
      type: APPLICATION_TYPES[index % 5 === 0 ? 3 : index % 3]!,
      metadata: {},
      adminScopes: [],
      skipConsent: false,
      requirePkce: false,
      requiresSecondFactor: false,
      claimPolicy: DEFAULT_CLAIM_POLICY,
      // Several at once, as after an import.
      createdAt: new Date(START + ((index * 7) % 50) * MINUTE),
      updatedAt: new Date(START),
    };
  }

  const api = (query: Query) => test.http.get('/v1/applications').query(query).set('authorization', `Bearer ${token}`);
  const idsOf = ({ body }: { body: { result: { client_id: string }[] } }) => body.result.map(({ client_id: id }) => id);

  async function walk(query: Query) {
    const ids: string[] = [];
    let cursor: string | null = null;
    let last: string | null = null;
    do {
      const reply = await api({ limit: '17', ...query, ...(cursor ? { cursor } : {}) });
      if (reply.status !== 200) throw new Error(JSON.stringify({ query, body: reply.body as unknown }));
      ids.push(...idsOf(reply));
      last = reply.body.previous as string | null;
      cursor = reply.body.next as string | null;
    } while (cursor);
    return { ids, last };
  }

  const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

  /** The same in plain JavaScript, over all of them. */
  function expected({ q = '', type, sort = 'name' }: Query): string[] {
    const matching = applications.filter(
      (each) => fold(each.name).startsWith(fold(q)) && (!type || each.type === type),
    );
    const key = ({ id, name, createdAt }: Application) =>
      sort.endsWith('name') ? `${fold(name)}\0${id}` : timeKey(createdAt, id);
    const sign = sort.startsWith('-') ? -1 : 1;
    return matching.sort((a, b) => (key(a) < key(b) ? -sign : sign)).map(({ id }) => id);
  }

  const queries: Query[] = [
    {},
    { sort: '-name' },
    { sort: 'created_at' },
    { sort: '-created_at' },
    { q: 'CREW' },
    { q: 'crew p', sort: '-name' },
    { q: 'emi' },
    { q: '.*' },
    { type: 'service' },
    { type: 'spa', sort: '-name' },
    { type: 'web', sort: '-created_at' },
    { q: 'crew', type: 'native' },
  ];

  it.each(queries)('finds exactly those that match %j, in order, and each once', async (query) => {
    expect((await walk(query)).ids).toEqual(expected(query));
  });

  it.each(queries)('goes back over the same pages of %j', async (query) => {
    const { ids, last } = await walk(query);
    const backward: string[] = [];
    let cursor = last;
    while (cursor) {
      const reply = await api({ limit: '17', ...query, cursor });
      backward.unshift(...idsOf(reply));
      cursor = reply.body.previous as string | null;
    }
    const onLastPage = ids.length % 17 || Math.min(ids.length, 17);
    expect(backward).toEqual(ids.slice(0, ids.length - onLastPage));
  });

  it('counts', async () => {
    const count = async (query: Query) => (await api({ ...query, limit: '1', count: 'true' })).body.count as unknown;
    expect(await count({})).toEqual({ value: MANY + 1, relation: 'estimated' });
    for (const query of queries.filter(({ q, type }) => q || type))
      expect(await count(query)).toEqual({ value: expected(query).length, relation: 'exact' });
  });

  it.each<[Query, string]>([
    [{ q: 'crew', sort: 'created_at' }, 'unsupported_search'],
    [{ type: 'teapot' }, 'invalid_input'],
    [{ sort: 'type' }, 'invalid_input'],
    [{ 'type[$ne]': 'web' }, 'invalid_input'],
  ])('refuses %j', async (query, code) => {
    expect((await api(query)).body).toMatchObject({ status: 400, code });
  });

  it('refuses a cursor of the same list in another order', async () => {
    const { body } = await api({ limit: '1' });
    const reply = await api({ sort: '-name', cursor: body.next as string });
    expect(reply.body).toMatchObject({ code: 'bad_cursor' });
  });

  it('reads along an index, whatever is combined', async () => {
    const { db } = test.app.database.connection;
    await db!.command({ profile: 2 });
    for (const query of queries) await api({ ...query, count: 'true' });
    await db!.command({ profile: 0 });
    const plans = await db!
      .collection('system.profile')
      .find({ ns: `${db!.databaseName}.applications`, planSummary: { $exists: true } })
      .toArray();
    const along = plans.map(({ planSummary }) => String(planSummary));
    expect(along.length).toBeGreaterThan(queries.length);
    const others = along.filter((plan) => !/^(IXSCAN|IDHACK|EXPRESS|RECORD_STORE_FAST_COUNT|COUNT)/.test(plan));
    expect(others).toEqual([]);
  });

  it('finds one by its new name after it was renamed, also when it renamed itself', async () => {
    const { app } = test;
    const registered = { client_id: 'registered', redirect_uris: ['https://app.example.com/'] };
    const named = (client_name: string) => app.applications.register({ ...registered, client_name });
    await named('Quill');
    expect(idsOf(await api({ q: 'quill' }))).toEqual(['registered']);
    await named('Quarto');
    expect(idsOf(await api({ q: 'quill' }))).toEqual([]);
    expect(idsOf(await api({ q: 'quarto' }))).toEqual(['registered']);
    await app.applications.remove({ kind: 'system', id: 'x', name: 'x', scopes: new Set() }, 'registered');
  });

  it('is not disturbed by one without keys, which is in no list', async () => {
    const stored = test.app.database.connection.collection('applications');
    const old = { _id: 'old' as never, name: 'Crew of old', type: 'web', metadata: '{}' };
    await stored.insertOne(old);
    for (const query of queries) expect((await walk(query)).ids).toEqual(expected(query));
    await stored.deleteOne({ _id: old._id });
  });

  it('is in the console too, without script', async () => {
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const { browser, page } = await enterConsole(test, 'owner@example.com', '/console/applications');
    expect(page.html).toContain('rel="next"');
    const search = (query: Query) =>
      browser.open(`${test.issuer}/console/applications?${new URLSearchParams(query).toString()}`);
    const found = await search({ q: 'zep', type: 'service' });
    const wanted = expected({ q: 'zep', type: 'service' });
    expect(found.html.match(/<th scope="row">/g)).toHaveLength(wanted.length);
    expect(found.html).toContain(`console-count">${wanted.length}`);
    expect(found.html).toContain('value="service" selected');
    expect((await search({ q: 'zz', type: '' })).html).toContain('No applications found.');
    expect((await search({ type: 'teapot' })).status).toBe(400);
  });
});
