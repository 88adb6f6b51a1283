import { timeKey } from '../../../src/platform/sort-keys.ts';
import { KINDS, STATUSES, type Person } from '../../../src/directory/users/user.ts';
import { USER_SORTS } from '../../../src/directory/users/user-search.ts';
import { createUserStore } from '../../../src/directory/users/users.mongo.ts';
import { adminToken, giveGroup, giveRole, startApp, type TestApp } from '../../support/app.ts';

/** More than a search looks at whole, so that large circles are large. */
const PEOPLE = 6000;
const FIRST = ['Ada', 'Émilie', 'Grace', 'Åsa', 'Zed', 'Ada Marie'];
const LAST = ['Lovelace', 'du Châtelet', 'Hopper', 'Åkesson', 'Young', ''];
const START = Date.UTC(2026, 0, 1);
const MINUTE = 60_000;

type Query = Record<string, string>;

describe('searching people', () => {
  let test: TestApp;
  let token: string;
  let people: Person[];
  let large: string;
  let small: string;
  let role: string;

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    role = (await giveRole(test, 'pilot')).id;
    large = (await giveGroup(test, 'Large')).id;
    small = (await giveGroup(test, 'Small', [], [role])).id;
    people = Array.from({ length: PEOPLE }, (_, index) => person(index));
    const store = createUserStore(test.app.database.connection);
    for (let from = 0; from < PEOPLE; from += 1000)
      await store.insertMany(people.slice(from, from + 1000).map((each) => ({ person: each })));
  }, 60_000);
  afterAll(() => test.tearDown());

  function person(index: number): Person {
    const since = new Date(START);
    const kind = index % 50 === 0 ? 'administrator' : 'customer';
    const groups =
      kind === 'customer' ? [index % 20 === 1 ? [] : [large], index % 300 === 7 ? [small] : []].flat() : [];
    const signedIn = index % 3 === 0 ? {} : { lastSignInAt: new Date(START + ((index * 7919) % PEOPLE) * MINUTE) };
    return {
      id: index.toString(16).padStart(16, '0'),
      kind,
      username: `${index % 2 ? 'ada' : 'zoe'}${(index * 37) % PEOPLE}@example.com`,
      firstName: FIRST[index % FIRST.length]!,
      lastName: LAST[Math.floor(index / 7) % LAST.length]!,
      status: STATUSES[index % 11 === 0 ? 2 : index % 5 === 0 ? 0 : 1],
      customData: {
        plan: { tier: index % 40 === 3 ? 'gold' : 'free' },
        tags: ['all', `t${index % 100}`],
        age: index % 90,
      },
      memberships: groups.map((group) => ({ group, since, by: 'test' })),
      adminRoles: [],
      ownerOf: [],
      passwordIsTemporary: false,
      createdAt: new Date(START + ((index * 31) % PEOPLE) * MINUTE),
      // All of them at once, as after an import.
      updatedAt: since,
      ...signedIn,
    };
  }

  const api = (path: string, query: Query) => test.http.get(path).query(query).set('authorization', `Bearer ${token}`);

  async function walk(query: Query, path = '/v1/users') {
    const pages: string[][] = [];
    let cursor: string | undefined;
    let last: string | undefined;
    do {
      const { body, status } = await api(path, { limit: '200', ...query, ...(cursor ? { cursor } : {}) });
      if (status !== 200) throw new Error(JSON.stringify({ query, body }));
      pages.push((body.result as { user_id: string }[]).map(({ user_id: id }) => id));
      last = body.previous as string | undefined;
      cursor = body.next as string | undefined;
    } while (cursor);
    return { ids: pages.flat(), pages, last };
  }

  const seconds = (time: number) => String(Math.floor(time / 1000));
  const fold = (text: string) => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
  const words = ({ username, firstName, lastName }: Person) =>
    [username, `${lastName} ${firstName}`, `${firstName} ${lastName}`].map(fold);
  const within = (time: Date | undefined, after?: string, before?: string) => {
    const at = (time?.getTime() ?? 0) / 1000;
    return (!after || at >= Number(after)) && (!before || at < Number(before));
  };

  /** The same in plain JavaScript, over everybody. */
  const rules: Record<string, (each: Person, value: string) => boolean> = {
    q: (each, value) => words(each).some((word) => word.startsWith(fold(value))),
    username: (each, value) => each.username === value,
    first_name: (each, value) => each.firstName === value,
    last_name: (each, value) => each.lastName === value,
    kind: (each, value) => each.kind === value,
    status: (each, value) => each.status === value,
    in_group: (each, value) => each.memberships.some(({ group }) => group === value),
    not_in_group: (each, value) => !each.memberships.some(({ group }) => group === value),
    role_id: (each) => each.memberships.some(({ group }) => group === small),
    'custom_data.plan.tier': (each, value) => (each.customData['plan'] as { tier: string }).tier === value,
    'custom_data.tags': (each, value) => (each.customData['tags'] as string[]).includes(value),
    'custom_data.age': (each, value) => String(each.customData['age']) === value,
    created_after: (each, value) => within(each.createdAt, value),
    created_before: (each, value) => within(each.createdAt, undefined, value),
    updated_after: (each, value) => within(each.updatedAt, value),
    last_sign_in_after: (each, value) => within(each.lastSignInAt, value),
    last_sign_in_before: (each, value) => within(each.lastSignInAt, undefined, value),
  };

  const keyOf: Record<string, (each: Person) => string> = {
    username: (each) => `${fold(each.username)}\0${each.id}`,
    name: (each) => `${fold(each.lastName)} ${fold(each.firstName)}\0${each.id}`,
    created_at: (each) => timeKey(each.createdAt, each.id),
    updated_at: (each) => timeKey(each.updatedAt, each.id),
    last_sign_in_at: (each) => timeKey(each.lastSignInAt, each.id),
  };

  function expected(query: Query): string[] {
    const matching = people.filter((each) =>
      Object.entries(query).every(([name, value]) => name === 'sort' || rules[name]!(each, value)),
    );
    const sort = query['sort'] ?? 'username';
    const key = keyOf[sort.replace(/^-/, '')]!;
    const sign = sort.startsWith('-') ? -1 : 1;
    return matching.sort((a, b) => sign * Buffer.compare(Buffer.from(key(a)), Buffer.from(key(b)))).map(({ id }) => id);
  }

  const middle = seconds(START + (PEOPLE / 2) * MINUTE);
  const late = seconds(START + (PEOPLE - 40) * MINUTE);
  const value: () => Query = () => ({
    q: 'ad',
    username: 'ada37@example.com',
    first_name: 'Ada',
    last_name: 'Hopper',
    kind: 'customer',
    status: 'disabled',
    in_group: large,
    not_in_group: small,
    role_id: role,
    'custom_data.plan.tier': 'gold',
    'custom_data.age': '30',
    created_after: middle,
    updated_after: seconds(START),
    last_sign_in_before: late,
  });

  it.each<Query>([
    {},
    { sort: '-username' },
    { sort: 'name' },
    { sort: '-created_at' },
    { sort: 'updated_at' },
    { sort: '-last_sign_in_at' },
    { kind: 'administrator' },
    { status: 'invited', kind: 'customer', sort: '-name' },
    { first_name: 'Ada', sort: 'name' },
    { last_name: 'du Châtelet', first_name: 'Émilie', sort: 'name' },
    { 'custom_data.plan.tier': 'gold' },
    { 'custom_data.plan.tier': 'free', sort: 'created_at' },
    { 'custom_data.tags': 't42', 'custom_data.age': '12' },
    { 'custom_data.tags': 'all', 'custom_data.plan.tier': 'gold', sort: '-created_at' },
    { created_after: middle, created_before: late, sort: 'created_at' },
    { last_sign_in_after: late, sort: 'last_sign_in_at' },
    { last_sign_in_before: middle, created_before: middle, sort: '-last_sign_in_at' },
    { username: 'ada37@example.com' },
    { username: 'ada37@example.com', status: 'disabled' },
  ])('finds exactly those who match %j, in order, and each once', async (query) => {
    expect((await walk(query)).ids).toEqual(expected(query));
  });

  it.each(['large', 'small'] as const)(
    'finds the members of a %s group by any other criterion, in any order',
    async (size) => {
      const group = { large, small }[size];
      for (const more of [
        {},
        { sort: '-username' },
        { sort: 'name' },
        { sort: 'created_at' },
        { status: 'disabled' },
        { 'custom_data.plan.tier': 'gold', sort: '-created_at' },
        { last_name: 'Hopper', sort: 'name' },
      ]) {
        const query = { in_group: group, ...more };
        expect({ query, ids: (await walk(query)).ids }).toEqual({ query, ids: expected(query) });
        expect((await walk(more as Query, `/v1/groups/${group}/members`)).ids).toEqual(expected(query));
      }
      for (const query of [
        { not_in_group: group },
        { in_group: group, q: 'gra' },
        { role_id: role, in_group: group },
      ]) {
        expect((await walk(query)).ids.sort()).toEqual(expected(query).sort());
      }
    },
  );

  it.each(['ada', 'ada l', 'lovelace a', 'zoe1', 'akesson', 'émilie', 'du c', 'zed young', 'nobody', '.*'])(
    'finds the beginnings of addresses and names: %s, each person once',
    async (q) => {
      const { ids } = await walk({ q, limit: '70' });
      expect(new Set(ids).size).toBe(ids.length);
      expect(ids.sort()).toEqual(expected({ q }).sort());
    },
  );

  it('goes back over the same pages', async () => {
    for (const query of [{}, { sort: '-created_at' }, { q: 'ada' }, { in_group: large, sort: 'name' }] as Query[]) {
      const forward = await walk({ ...query, limit: '150' });
      const backward: string[] = [];
      let cursor = forward.last;
      while (cursor) {
        const { body } = await api('/v1/users', { ...query, limit: '150', cursor });
        backward.unshift(...(body.result as { user_id: string }[]).map(({ user_id: id }) => id));
        expect(body.next).not.toBeNull();
        cursor = body.previous as string | undefined;
      }
      expect(backward).toEqual(forward.ids.slice(0, backward.length));
      expect(backward.length).toBeGreaterThanOrEqual(forward.ids.length - 150);
    }
  });

  it('counts a little exactly, and much without counting it', async () => {
    const count = async (query: Query) => (await api('/v1/users', { ...query, limit: '1', count: 'true' })).body.count;
    expect(await count({})).toEqual({ value: PEOPLE, relation: 'estimated' });
    expect(await count({ in_group: small })).toEqual({
      value: expected({ in_group: small }).length,
      relation: 'exact',
    });
    for (const query of [
      { q: 'ada' },
      { q: 'gra', kind: 'customer' },
      { status: 'disabled', 'custom_data.age': '3' },
    ] as Query[])
      expect(await count(query)).toEqual({ value: expected(query).length, relation: 'exact' });
    expect((await api('/v1/users', {})).body).not.toHaveProperty('count');
  });

  it.each<[Query, string, string]>([
    [{ q: 'ada', sort: 'name' }, 'sort', 'omit sort'],
    [{ q: 'ada', created_after: '1' }, 'q', 'cannot be combined'],
    [{ first_name: 'Ada', sort: 'created_at' }, 'sort', 'use sort=name'],
    [{ last_name: 'Hopper', updated_before: '1' }, 'last_name', 'cannot be combined'],
    [{ created_after: '1', sort: 'name' }, 'sort', 'use one of created_at, -created_at'],
    [
      Object.fromEntries(['a', 'b', 'c', 'd', 'e', 'f'].map((key) => [`custom_data.${key}`, '1'])),
      'custom_data.f',
      'at most 5',
    ],
  ])('refuses %j, and says what can be served', async (query, parameter, sentence) => {
    const { body } = await api('/v1/users', query);
    expect(body).toMatchObject({ status: 400, code: 'unsupported_search', errors: [{ parameter }] });
    expect(body.detail).toContain(sentence);
  });

  it('refuses a cursor of the same list in another order', async () => {
    const { body } = await api('/v1/users', { limit: '1' });
    const reply = await api('/v1/users', { sort: 'name', cursor: body.next });
    expect(reply.body).toMatchObject({ code: 'bad_cursor' });
  });

  it('never reads the whole collection, whatever is combined', async () => {
    const { db } = test.app.database.connection;
    const values = value();
    const names = Object.keys(values);
    const pairs = names.flatMap((a, index) => names.slice(index).map((b) => ({ [a]: values[a]!, [b]: values[b]! })));
    const sorts = [{}, ...USER_SORTS.flatMap((sort) => [{ sort }, { sort: `-${sort}` }])];
    const triples = KINDS.map((kind) => ({ kind, status: 'active', in_group: large, 'custom_data.tags': 't1' }));
    const queries = [{}, ...pairs, ...triples].flatMap((query) => sorts.map((sort) => ({ ...query, ...sort })));
    await db!.createCollection('system.profile', { capped: true, size: 256 * 1024 * 1024 });
    await db!.command({ profile: 2 });
    let served = 0;
    try {
      for (const query of queries) {
        const first = await api('/v1/users', { ...query, limit: '50', count: 'true' });
        if (first.status === 400) {
          expect(first.body.code).toBe('unsupported_search');
          continue;
        }
        expect({ query, status: first.status }).toEqual({ query, status: 200 });
        served += 1;
        if (first.body.next) await api('/v1/users', { ...query, cursor: first.body.next as string });
      }
    } finally {
      await db!.command({ profile: 0 });
    }
    expect(served).toBeGreaterThan(300);
    const plans = await db!
      .collection('system.profile')
      .find({ ns: `${db!.databaseName}.users`, op: { $in: ['query', 'command'] }, planSummary: { $exists: true } })
      .toArray();
    expect(plans.length).toBeGreaterThan(served);
    const offenders = plans.filter(
      // The collection's own statistics answer a count of everybody.
      ({ planSummary, docsExamined }) =>
        (!String(planSummary).startsWith('IXSCAN') &&
          !/^(RECORD_STORE_FAST_)?COUNT|COUNT_SCAN/.test(String(planSummary))) ||
        Number(docsExamined) > 10_001,
    );
    expect(offenders.map(({ planSummary, docsExamined, command }) => ({ planSummary, docsExamined, command }))).toEqual(
      [],
    );
    // What is sorted after reading is a small circle only.
    const sorted = plans.filter(({ hasSortStage, keysExamined }) => hasSortStage && Number(keysExamined) > 5001);
    expect(sorted.map(({ planSummary, keysExamined, command }) => ({ planSummary, keysExamined, command }))).toEqual(
      [],
    );
  }, 300_000);
});
