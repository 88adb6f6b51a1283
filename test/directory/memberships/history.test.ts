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

  it('goes with the user', async () => {
    const user = await giveUser(test, 'gone@example.com');
    const { id } = await giveGroup(test, 'Leavers', [user.id]);
    await call('delete', `/v1/groups/${id}/members/${user.id}`);
    await call('delete', `/v1/users/${user.id}`);
    const left = test.app.database.connection.collection('membership_history');
    expect(await left.countDocuments({ user: user.id })).toBe(0);
  });
});
