import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

describe('the history of memberships', () => {
  let test: TestApp;
  let token: string;
  let offset = 0;
  const seconds = (after = 0) => Math.floor((Date.now() + offset) / 1000) + after;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const membersAt = async (groupId: string, at: number, limit = 50) => {
    const found: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page = await call(
        'get',
        `/v1/groups/${groupId}/members?as_of=${at}&limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`,
      );
      expect(page.status).toBe(200);
      found.push(...page.body.result.map(({ username }: { username: string }) => username.split('@')[0]));
      cursor = page.body.next as string | null;
    }
    return found;
  };
  const groupsAt = async (userId: string, at: number) =>
    (await call('get', `/v1/users/${userId}/groups?as_of=${at}`)).body.result.map(({ name }: { name: string }) => name);

  it('says for any moment who was in a group, and what a user was in', async () => {
    const [ada, bea, cleo] = await Promise.all(
      ['ada', 'bea', 'cleo'].map((name) => giveUser(test, `${name}@example.com`)),
    );
    const { id } = await giveGroup(test, 'Pilots', [ada!.id, bea!.id]);
    const start = seconds(1);
    offset = 10_000;
    await call('delete', `/v1/groups/${id}/members/${ada!.id}`);
    await call('post', `/v1/groups/${id}/members`, { user_ids: [cleo!.id], until: seconds(5) });
    const middle = seconds(1);
    offset = 30_000;
    await test.app.memberships.settle();
    await call('put', `/v1/users/${ada!.id}/groups`, { group_ids: [id] });
    await call('patch', `/v1/groups/${id}/members/${bea!.id}`, { until: seconds(10) });
    const end = seconds(1);
    offset = 35_000;
    expect(await membersAt(id, start)).toEqual(['ada', 'bea']);
    expect(await membersAt(id, middle)).toEqual(['bea', 'cleo']);
    expect(await membersAt(id, end)).toEqual(['ada', 'bea']);
    expect(await membersAt(id, start - 100)).toEqual([]);
    expect(await groupsAt(ada!.id, start)).toEqual(['Pilots']);
    expect(await groupsAt(ada!.id, middle)).toEqual([]);
    expect(await groupsAt(cleo!.id, middle)).toEqual(['Pilots']);
    const { body } = await call('get', `/v1/users/${ada!.id}/groups/${id}/history`);
    expect(body.result).toMatchObject([
      { ended_at: null, closing: null, source: 'service' },
      { ended_at: expect.any(Number), closing: 'removed', source: 'system', by: 'cohort' },
    ]);
    const changed = await call('get', `/v1/users/${bea!.id}/groups/${id}/history`);
    expect(changed.body.result.map(({ closing }: { closing: string }) => closing)).toEqual([null, 'changed']);
    const over = await call('get', `/v1/users/${cleo!.id}/groups/${id}/history`);
    expect(over.body.result).toMatchObject([{ closing: 'ended', ended_at: over.body.result[0].until }]);
  });

  it('refuses a cursor that is none before it reads anything', async () => {
    const reply = await call('get', '/v1/users/0123456789abcdef/groups?as_of=1700000000&cursor=none');
    expect([reply.status, reply.body.code]).toEqual([400, 'bad_cursor']);
  });

  it('pages through members of then and now together', async () => {
    const users = await Promise.all(
      Array.from({ length: 9 }, (_, index) => giveUser(test, `page${index}@example.com`)),
    );
    const { id } = await giveGroup(
      test,
      'Pages',
      users.map((user) => user.id),
    );
    const then = seconds(1);
    offset += 5000;
    const gone = users.filter((_, index) => index % 2 === 0).map((user) => user.id);
    await call('delete', `/v1/groups/${id}/members`, { user_ids: gone });
    expect(await membersAt(id, then, 2)).toEqual(users.map((_, index) => `page${index}`));
    const refused = await call('get', `/v1/groups/${id}/members?as_of=${then}&q=page`);
    expect([refused.status, refused.body.code]).toEqual([400, 'unsupported_search']);
  });

  it('says how a membership was then, not how it was changed later', async () => {
    const [nora, olga] = await Promise.all(['nora', 'olga'].map((name) => giveUser(test, `${name}@example.com`)));
    const { id } = await giveGroup(test, 'Changed', [nora!.id]);
    await call('post', `/v1/groups/${id}/members`, { user_ids: [olga!.id], from: seconds(900) });
    offset += 100_000;
    const then = seconds();
    offset += 100_000;
    // Noted later, this would say that Nora was no member yet, and Olga was one.
    await call('patch', `/v1/groups/${id}/members/${nora!.id}`, { from: then + 50, until: seconds(1000) });
    await call('patch', `/v1/groups/${id}/members/${olga!.id}`, { from: then - 50 });
    expect(await membersAt(id, then)).toEqual(['nora']);
    expect([await groupsAt(nora!.id, then), await groupsAt(olga!.id, then)]).toEqual([['Changed'], []]);
    const [{ membership }] = (await call('get', `/v1/groups/${id}/members?as_of=${then}`)).body.result;
    expect([membership.from, membership.until]).toEqual([null, null]);
    expect(await membersAt(id, seconds(1))).toEqual(['nora', 'olga']);
  });

  it('is exact after thousands of changes of one user, who hides nobody after them', async () => {
    const [first, last] = await Promise.all(['p-many', 'q-few'].map((name) => giveUser(test, `${name}@example.com`)));
    const { id } = await giveGroup(test, 'Busy', [first!.id, last!.id]);
    const other = await giveGroup(test, 'Quiet', [first!.id]);
    const then = seconds(1);
    offset += 10_000_000;
    const { membership } = await test.app.memberships.member(id, first!.id);
    for (let round = 0; round < 3; round += 1)
      await test.app.memberships.recordPast(
        Array.from({ length: 1000 }, () => ({ user: first!, membership })),
        { closing: 'changed', endedBy: 'cohort', end: new Date((then + 1000 + round) * 1000) },
      );
    await call('put', `/v1/users/${first!.id}/groups`, { group_ids: [] });
    await call('delete', `/v1/groups/${id}/members/${last!.id}`);
    expect(await groupsAt(first!.id, then)).toEqual(['Busy', 'Quiet']);
    expect(await membersAt(id, then, 1)).toEqual(['p-many', 'q-few']);
    expect(await membersAt(other.id, then)).toEqual(['p-many']);
    expect(await groupsAt(first!.id, seconds(1))).toEqual([]);
    const { endedSince, endedOf } = test.app.memberships;
    expect(await endedSince(first!.id, new Date(then * 1000))).toHaveLength(3002);
    expect(await endedOf(first!.id)).toHaveLength(2);
  });

  it('keeps a membership that began and ended before documents were settled, and another one follows it', async () => {
    const vera = await giveUser(test, 'vera@example.com');
    const { id } = await giveGroup(test, 'Unsettled');
    const add = async (from: number, until: number) =>
      (await call('post', `/v1/groups/${id}/members`, { user_ids: [vera.id], from, until })).body.result.counts.added;
    const start = seconds();
    // The task that settles documents stands still, as it does in tests.
    expect(await add(start + 10_000, start + 20_000)).toBe(1);
    offset += 30_000_000;
    expect(await add(start + 40_000, start + 50_000)).toBe(1);
    offset += 15_000_000;
    const at = [15_000, 25_000, 45_000].map((after) => membersAt(id, start + after));
    expect(await Promise.all(at)).toEqual([['vera'], [], ['vera']]);
    expect((await call('get', `/v1/groups/${id}/members`)).body.result).toHaveLength(1);
  });

  describe('of a group that is deleted', () => {
    const groupsOf = async (userId: string, at: number, more = '') =>
      (await call('get', `/v1/users/${userId}/groups?as_of=${at}${more}`)).body;

    it('stays with its members, by its ID and last name, before and after their documents are purged', async () => {
      const [rosa, sara, tina] = await Promise.all(
        ['rosa', 'sara', 'tina'].map((name) => giveUser(test, `${name}@example.com`)),
      );
      const { id } = await giveGroup(test, 'First name', [rosa!.id]);
      const kept = await giveGroup(test, 'Aa kept', [rosa!.id]);
      await call('post', `/v1/groups/${id}/members`, { user_ids: [sara!.id], until: seconds(1000) });
      await call('post', `/v1/groups/${id}/members`, { user_ids: [tina!.id], until: seconds(100_000) });
      await call('patch', `/v1/groups/${id}`, { name: 'Last name', custom_data: { secret: 1 } });
      const then = seconds(1);
      offset += 10_000_000;
      const deletedAt = seconds();
      expect((await call('delete', `/v1/groups/${id}`)).status).toBe(204);
      offset += 10_000_000;

      const check = async () => {
        const { result } = await groupsOf(rosa!.id, then);
        expect(result.map(({ name }: { name: string }) => name)).toEqual(['Aa kept', 'Last name']);
        expect(result[0]).toMatchObject({ group_id: kept.id, deleted_at: null });
        expect(result[1]).toMatchObject({ group_id: id, custom_data: {}, membership: { source: 'system' } });
        expect(Math.abs(result[1].deleted_at - deletedAt)).toBeLessThanOrEqual(2);
        const page = await groupsOf(rosa!.id, then, '&limit=1');
        const next = await groupsOf(rosa!.id, then, `&limit=1&cursor=${page.next}`);
        expect([page, next].map((each) => each.result[0].group_id)).toEqual([kept.id, id]);
        expect(await groupsAt(rosa!.id, deletedAt + 1000)).toEqual(['Aa kept']);
        expect(await groupsAt(sara!.id, then)).toEqual(['Last name']);
        const closings = async (userId: string) =>
          (await call('get', `/v1/users/${userId}/groups/${id}/history`)).body.result.map(
            ({ closing, ended_by: by }: { closing: string; ended_by: string }) => [closing, by === 'cohort'],
          );
        expect(await closings(rosa!.id)).toEqual([['group_deleted', false]]);
        if (await isPurged()) expect(await closings(sara!.id)).toEqual([['ended', true]]);
      };
      const documents = test.app.database.connection.collection('users');
      const isPurged = async () => (await documents.countDocuments({ 'memberships.group': id })) === 0;
      expect(await isPurged()).toBe(false);
      await check();
      await test.app.memberships.purgeDeleted();
      expect(await isPurged()).toBe(true);
      await check();
      await test.app.memberships.purgeDeleted();
      await check();
    });

    it('does not contain who was added by a node that did not know yet, and nobody stays a member', async () => {
      const user = await giveUser(test, 'late@example.com');
      const { id } = await giveGroup(test, 'Gone already');
      await call('delete', `/v1/groups/${id}`);
      await test.app.memberships.purgeDeleted();
      const { connection } = test.app.database;
      const users = connection.collection<{ _id: string; memberships: object[] }>('users');
      const addLate = () =>
        users.updateOne(
          { _id: user.id },
          { $push: { memberships: { group: id, since: new Date(seconds(1) * 1000), by: 'cohort' } } },
        );
      const isNamed = async () => (await users.countDocuments({ 'memberships.group': id })) > 0;
      await addLate();
      offset += 70_000;
      await test.app.memberships.purgeDeleted();
      expect(await isNamed()).toBe(false);
      const past = connection.collection('membership_history');
      expect(await past.countDocuments({ 'membership.group': id })).toBe(0);
      await addLate();
      // Nothing is looked for any more.
      await test.app.memberships.purgeDeleted();
      expect(await isNamed()).toBe(true);
    });

    it('is written in one transaction with the purge, in blocks, however often it is stopped', async () => {
      const users = await Promise.all(Array.from({ length: 5 }, (_, index) => giveUser(test, `z${index}@example.com`)));
      const { id } = await giveGroup(
        test,
        'Blocks',
        users.map((user) => user.id),
      );
      const then = seconds(1);
      offset += 5000;
      await call('delete', `/v1/groups/${id}`);
      const stopped = AbortSignal.abort();
      await Promise.allSettled([1, 2, 3].map(() => test.app.memberships.purgeDeleted(stopped)));
      await test.app.memberships.purgeDeleted();
      const left = test.app.database.connection.collection('membership_history');
      expect(await left.countDocuments({ 'membership.group': id })).toBe(5);
      for (const user of users) expect(await groupsAt(user.id, then)).toEqual(['Blocks']);
    });
  });

  it('goes with the user', async () => {
    const user = await giveUser(test, 'gone@example.com');
    const { id } = await giveGroup(test, 'Leavers', [user.id]);
    await call('delete', `/v1/groups/${id}/members/${user.id}`);
    await call('delete', `/v1/users/${user.id}`);
    const left = test.app.database.connection.collection('membership_history');
    expect(await left.countDocuments({ user: user.id })).toBe(0);
  });
});
