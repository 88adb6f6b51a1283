import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

interface Listed {
  group_id: string;
  member_count: { value: number };
}

describe('memberships with a period', () => {
  let test: TestApp;
  let token: string;
  let offset = 0;
  const seconds = (after: number) => Math.floor((Date.now() + offset) / 1000) + after;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
  });
  beforeEach(() => {
    offset = 0;
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'patch' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const usernames = ({ body }: { body: { result: { username: string }[] } }) =>
    body.result.map((user) => user.username);
  const names = ({ body }: { body: { result: { name: string }[] } }) => body.result.map(({ name }) => name);
  const later = (ms: number) => {
    offset = ms;
  };

  /** Everything that shows members, for a group with one member and for a user in one group. */
  async function shown(groupId: string, userId: string) {
    const members = await call('get', `/v1/groups/${groupId}/members?count=true`);
    const search = await call('get', `/v1/users?in_group=${groupId}&count=true`);
    const others = await call('get', `/v1/users?not_in_group=${groupId}&q=ada`);
    const groups = await call('get', `/v1/users/${userId}/groups?count=true`);
    const effective = await call('get', `/v1/users/${userId}/effective-groups`);
    const listed = (await call('get', '/v1/groups?member_counts=true')).body.result as Listed[];
    const { member_count: inList } = listed.find(({ group_id: each }) => each === groupId)!;
    return {
      members: usernames(members),
      count: [members.body.count, search.body.count, groups.body.count, inList].map(({ value }) => value as number),
      search: usernames(search),
      isNotIn: usernames(others).length > 0,
      groups: names(groups),
      effective: names(effective),
    };
  }

  const nowhere = { members: [], count: [0, 0, 0, 0], search: [], isNotIn: true, groups: [], effective: [] };

  it('counts from its start to its end by the clock, whether documents were settled or not', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const { id } = await giveGroup(test, 'Pilots');
    const from = seconds(60);
    const until = seconds(120);
    const added = await call('post', `/v1/groups/${id}/members`, { user_ids: [ada.id], from, until });
    expect(added.body.result.counts.added).toBe(1);
    const present = {
      members: [ada.username],
      count: [1, 1, 1, 1],
      search: [ada.username],
      isNotIn: false,
      groups: ['Pilots'],
      effective: ['Pilots'],
    };
    expect(await shown(id, ada.id)).toEqual(nowhere);
    later(61_000);
    expect(await shown(id, ada.id)).toEqual(present);
    await test.app.memberships.settle();
    expect(await shown(id, ada.id)).toEqual(present);
    later(121_000);
    expect(await shown(id, ada.id)).toEqual(nowhere);
    await test.app.memberships.settle();
    expect(await shown(id, ada.id)).toEqual(nowhere);
    const { memberships } = await test.app.users.get(ada.id);
    expect(memberships).toEqual([]);
    const { body } = await call('get', `/v1/audit-events?target_id=${ada.id}&action=group.membership_ended`);
    expect(body.result).toMatchObject([{ target: { id, name: 'Pilots' }, actor: { kind: 'system' } }]);
  });

  it('is shown with its origin, and filtered by whether it counts and when it ends', async () => {
    const [grace, hedy] = await Promise.all(['grace', 'hedy'].map((name) => giveUser(test, `${name}@example.com`)));
    const { id } = await giveGroup(test, 'Staff');
    const until = seconds(3600);
    const members = [
      { username: 'grace@example.com', until },
      { username: 'hedy@example.com', from: seconds(100) },
    ];
    await call('post', `/v1/groups/${id}/members`, { members });
    const list = (query: string) => call('get', `/v1/groups/${id}/members?${query}`);
    const current = await list('');
    expect(current.body.result).toMatchObject([
      { user_id: grace!.id, membership: { from: null, until, source: 'service', job_id: null } },
    ]);
    expect(current.body.result[0].membership).toMatchObject({ since: expect.any(Number), by: expect.any(String) });
    expect(usernames(await list('active=false'))).toEqual([hedy!.username]);
    expect(usernames(await list(`ending_before=${until}`))).toEqual([]);
    expect(usernames(await list(`ending_before=${until + 1}`))).toEqual([grace!.username]);
    expect(usernames(await list(`ending_before=${until + 1}&q=grace&count=true`))).toEqual([grace!.username]);
    const ofUser = (query: string) => call('get', `/v1/users/${grace!.id}/groups?${query}`);
    expect(names(await ofUser(`ending_before=${until + 1}`))).toEqual(['Staff']);
    expect(names(await ofUser(`ending_before=${until}`))).toEqual([]);
    expect((await call('get', `/v1/users/${hedy!.id}/groups?active=false`)).body.result).toMatchObject([
      { name: 'Staff', membership: { until: null } },
    ]);
  });

  it('can be extended, shortened, and made one without an end', async () => {
    const user = await giveUser(test, 'kay@example.com');
    const { id } = await giveGroup(test, 'Crew', [user.id]);
    const change = (body: object) => call('patch', `/v1/groups/${id}/members/${user.id}`, body);
    const until = seconds(30);
    expect((await change({ until })).body.result).toMatchObject({ from: null, until });
    expect((await change({ until: until + 100 })).body.result).toMatchObject({ until: until + 100 });
    later(60_000);
    expect((await shown(id, user.id)).members).toEqual([user.username]);
    expect((await change({ until: null })).body.result).toMatchObject({ until: null });
    later(300_000);
    expect((await shown(id, user.id)).members).toEqual([user.username]);
    expect((await change({ from: seconds(50) })).status).toBe(200);
    expect((await shown(id, user.id)).members).toEqual([]);
    for (const [body, pointer] of [
      [{ until: seconds(-5) }, '#/until'],
      [{ from: seconds(50), until: seconds(40) }, '#/until'],
      [{}, '#'],
    ] as const) {
      const refused = await change(body);
      expect([refused.status, refused.body.errors?.[0]?.pointer ?? '#']).toEqual([400, pointer]);
    }
    expect((await change({ from: null })).status).toBe(200);
    await call('delete', `/v1/groups/${id}/members/${user.id}`);
    expect((await change({ until: null })).body.code).toBe('not_a_member');
  });

  it('makes room for another one when it has ended, and stays when it has not begun', async () => {
    const user = await giveUser(test, 'jean@example.com');
    const { id } = await giveGroup(test, 'Visitors');
    const add = async (body: object) => {
      const reply = await call('post', `/v1/groups/${id}/members`, { user_ids: [user.id], ...body });
      return reply.body.result.items[0].outcome;
    };
    expect(await add({ until: seconds(10) })).toBe('added');
    later(20_000);
    expect(await add({ from: seconds(10) })).toBe('added');
    expect(await add({})).toBe('already_member');
    expect((await test.app.users.get(user.id)).memberships).toHaveLength(1);
    const removed = await call('delete', `/v1/groups/${id}/members`, { user_ids: [user.id] });
    expect(removed.body.result.counts.removed).toBe(1);
    await call('post', `/v1/groups/${id}/members`, { user_ids: [user.id], from: seconds(100) });
    await call('put', `/v1/users/${user.id}/groups`, { group_ids: [id] });
    expect((await shown(id, user.id)).members).toEqual([user.username]);
  });

  it('pages through members while periods end, each once', async () => {
    const users = await Promise.all(
      Array.from({ length: 12 }, (_, index) => giveUser(test, `page${String(index).padStart(2, '0')}@example.com`)),
    );
    const { id } = await giveGroup(test, 'Pages');
    const members = users.map((user, index) => ({
      user_id: user.id,
      ...(index % 3 === 0 ? { until: seconds(10) } : {}),
      ...(index % 3 === 1 ? { from: seconds(10) } : {}),
    }));
    await call('post', `/v1/groups/${id}/members`, { members });
    later(20_000);
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = `limit=3&count=true${cursor ? `&cursor=${cursor}` : ''}`;
      const page = await call('get', `/v1/groups/${id}/members?${query}`);
      expect(page.body.count).toEqual({ value: 8, relation: 'exact' });
      seen.push(...usernames(page));
      cursor = page.body.next;
    }
    expect(seen).toEqual(users.filter((_, index) => index % 3 !== 0).map(({ username }) => username));
  });

  it('refuses periods that are over, and users who are named twice', async () => {
    const { id } = await giveGroup(test, 'Strict');
    const post = (body: object) => call('post', `/v1/groups/${id}/members`, body);
    const over = await post({ usernames: ['ada@example.com'], until: seconds(-1) });
    expect([over.status, over.body.errors[0].pointer]).toEqual([400, '#/until']);
    const twice = await post({ members: [{ username: 'ada@example.com' }, { username: 'ada@example.com' }] });
    expect([twice.status, twice.body.errors[0].pointer]).toEqual([400, '#/members/1']);
    const mixed = await post({ user_ids: ['0123456789abcdef'], usernames: ['ada@example.com'] });
    expect(mixed.status).toBe(400);
  });
});
