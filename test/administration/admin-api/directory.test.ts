import { createUserStore } from '../../../src/directory/users/users.mongo.ts';
import { adminToken, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

describe('the directory', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const api = (method: 'get' | 'post' | 'patch' | 'delete' | 'put', path: string, body?: object) => {
    const request = test.http[method](path).set('authorization', `Bearer ${token}`);
    return body ? request.send(body) : request;
  };
  const names = (reply: { body: { result: { username?: string; name?: string }[] } }) =>
    reply.body.result.map(({ username, name }) => username ?? name);

  it('finds people by the beginning of the address or of a name, in any case, without accents', async () => {
    for (const [username, firstName, lastName] of [
      ['ada@example.com', 'Ada', 'Lovelace'],
      ['emilie@example.com', 'Émilie', 'du Châtelet'],
      ['lovisa@example.com', 'Lovisa', 'Åkesson'],
    ] as const) {
      await giveUser(test, username, { firstName, lastName });
    }
    expect(names(await api('get', '/v1/users?q=LOV'))).toEqual(['ada@example.com', 'lovisa@example.com']);
    expect(names(await api('get', '/v1/users?q=emilie'))).toEqual(['emilie@example.com']);
    expect(names(await api('get', `/v1/users?q=${encodeURIComponent('ÉMI')}`))).toEqual(['emilie@example.com']);
    expect(names(await api('get', '/v1/users?q=akesson'))).toEqual(['lovisa@example.com']);
    expect(names(await api('get', '/v1/users?q=.*'))).toEqual([]);
    expect(names(await api('get', '/v1/users?q=elace'))).toEqual([]);
  });

  it('gives everybody once, page by page, in order', async () => {
    for (let i = 0; i < 7; i += 1) await giveUser(test, `page${i}@example.com`);
    const seen: unknown[] = [];
    let cursor = '';
    do {
      const reply = await api('get', `/v1/users?q=page&limit=3${cursor}`);
      seen.push(...names(reply));
      expect(reply.body.result.length).toBeLessThanOrEqual(3);
      cursor = reply.body.next ? `&cursor=${reply.body.next}` : '';
    } while (cursor);
    expect(seen).toEqual(Array.from({ length: 7 }, (_, i) => `page${i}@example.com`));
  });

  it('filters by kind, status and group', async () => {
    await giveUser(test, 'olive@example.com', { kind: 'administrator' });
    const grace = await giveUser(test, 'grace@example.com');
    const group = await giveGroup(test, 'Filtered', [grace.id]);
    await api('post', '/v1/users', { username: 'invited@example.com' });
    expect(names(await api('get', '/v1/users?kind=administrator'))).toEqual(['olive@example.com']);
    expect(names(await api('get', '/v1/users?status=invited'))).toEqual(['invited@example.com']);
    expect(names(await api('get', `/v1/users?in_group=${group.id}`))).toEqual(['grace@example.com']);
  });

  it('normalises a username, and never changes it', async () => {
    const { body } = await api('post', '/v1/users', { username: '  Mary.Jackson@Example.COM ' });
    expect(body.result.username).toBe('mary.jackson@example.com');
    const refused = await api('patch', `/v1/users/${body.result.user_id}`, { username: 'other@example.com' });
    expect(refused.body).toMatchObject({
      status: 400,
      code: 'username_never_changes',
      errors: [{ pointer: '#/username' }],
    });
  });

  it.each([
    'no-at-sign',
    'a@b',
    '@example.com',
    'a b@example.com',
    `${'a'.repeat(250)}@example.com`,
    'a@example.com\u0000',
    'a@exam\nple.com',
    '<script>@example.com',
  ])('refuses the username %j', async (username) => {
    const reply = await api('post', '/v1/users', { username });
    expect(reply.body).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(reply.body.errors[0].pointer).toBe('#/username');
  });

  it('changes names and custom data, and finds people by the new name', async () => {
    const { id } = await giveUser(test, 'dorothy@example.com', { firstName: 'Dorothy', lastName: 'Johnson' });
    const { body } = await api('patch', `/v1/users/${id}`, {
      last_name: 'Vaughan',
      custom_data: { plan: { tier: 'gold' } },
    });
    expect(body.result).toMatchObject({
      first_name: 'Dorothy',
      last_name: 'Vaughan',
      custom_data: { plan: { tier: 'gold' } },
    });
    expect(names(await api('get', '/v1/users?q=vaug'))).toEqual(['dorothy@example.com']);
    expect(names(await api('get', '/v1/users?q=johns'))).toEqual([]);
  });

  it('disables and enables; who never had a password is invited again', async () => {
    const { body } = await api('post', '/v1/users', { username: 'hedy@example.com' });
    const path = `/v1/users/${body.result.user_id}`;
    expect((await api('post', `${path}/disable`)).body.result.status).toBe('disabled');
    expect((await api('post', `${path}/enable`)).body.result.status).toBe('invited');
    expect((await api('put', `${path}/password`, { temporary_password: 'Wander#2026' })).status).toBe(204);
    expect((await api('get', path)).body.result).toMatchObject({ status: 'active', password_is_temporary: true });
  });

  it.each([
    '',
    '   ',
    'a'.repeat(101),
    'tab\there',
    'line\nbreak',
    'zero\u200bwidth',
    'bidi\u202eevil',
    'nul\u0000',
    'system:masters',
    'System:masters',
  ])('refuses the group name %j', async (name) => {
    const reply = await api('post', '/v1/groups', { name });
    expect(reply.body).toMatchObject({ status: 400, code: 'invalid_input' });
    expect(reply.body.errors[0].pointer).toBe('#/name');
  });

  it('keeps names of groups apart without regard to case and form', async () => {
    await giveGroup(test, 'Café');
    for (const name of ['CAFÉ', 'Cafe\u0301', 'ｃａｆé'])
      expect((await api('post', '/v1/groups', { name })).status).toBe(409);
    expect((await api('get', '/v1/groups?q=caf')).body.result).toHaveLength(1);
  });

  it('adds and removes members by id or by username, and says of each what became of them', async () => {
    const ada = await giveUser(test, 'bulk.ada@example.com');
    const grace = await giveUser(test, 'bulk.grace@example.com');
    const olga = await giveUser(test, 'bulk.olga@example.com', { kind: 'administrator' });
    const group = await giveGroup(test, 'Bulk', [grace.id]);
    const path = `/v1/groups/${group.id}/members`;
    const item = (user: { id: string; username: string }, outcome: string) => ({
      user_id: user.id,
      username: user.username,
      outcome,
    });
    const added = await api('post', path, { user_ids: [ada.id, grace.id, 'ffffffffffffffff', olga.id, ada.id] });
    expect(added.body.result).toEqual({
      counts: { added: 1, already_member: 1, no_such_user: 1, not_a_customer: 1 },
      items: [
        item(ada, 'added'),
        item(grace, 'already_member'),
        { user_id: 'ffffffffffffffff', username: null, outcome: 'no_such_user' },
        item(olga, 'not_a_customer'),
      ],
    });
    const usernames = ['Bulk.Ada@Example.com', 'nobody@example.com', olga.username];
    const removed = await api('delete', path, { usernames });
    expect(removed.body.result).toEqual({
      counts: { removed: 1, not_a_member: 1, no_such_user: 1 },
      items: [
        item(ada, 'removed'),
        { user_id: null, username: 'nobody@example.com', outcome: 'no_such_user' },
        item(olga, 'not_a_member'),
      ],
    });
    expect(names(await api('get', path))).toEqual(['bulk.grace@example.com']);
    for (const body of [{}, { user_ids: [ada.id], usernames: ['ada@example.com'] }])
      expect((await api('post', path, body)).body).toMatchObject({ code: 'invalid_input' });
  });

  it('creates a group together with its members, in one step', async () => {
    const ada = await giveUser(test, 'first.ada@example.com');
    const grace = await giveUser(test, 'first.grace@example.com');
    const { body } = await api('post', '/v1/groups', { name: 'Founders', member_ids: [ada.id, grace.id, ada.id] });
    const path = `/v1/groups/${body.result.group_id}`;
    expect(names(await api('get', `${path}/members`))).toEqual([ada.username, grace.username]);
    const events = (await api('get', `/v1/audit-events?target_id=${body.result.group_id}`)).body.result;
    expect(events.map(({ action }: { action: string }) => action)).toEqual(['group.members_added', 'group.created']);
  });

  it('creates no group with somebody who cannot be in it, and says who', async () => {
    const ada = await giveUser(test, 'alone.ada@example.com');
    const olga = await giveUser(test, 'alone.olga@example.com', { kind: 'administrator' });
    const before = await test.app.database.connection.collection('audit_events').countDocuments();
    const member_ids = [ada.id, 'ffffffffffffffff', ada.id, olga.id];
    const refused = await api('post', '/v1/groups', { name: 'Unfounded', member_ids });
    expect(refused.body).toMatchObject({
      status: 400,
      code: 'unknown_member',
      errors: [{ pointer: '#/member_ids/1' }, { pointer: '#/member_ids/3' }],
    });
    expect((await api('get', '/v1/groups?name=unfounded')).body.result).toEqual([]);
    expect((await test.app.users.get(ada.id)).memberships).toEqual([]);
    expect(await test.app.database.connection.collection('audit_events').countDocuments()).toBe(before);
    const many = Array.from({ length: 1001 }, (_, index) => index.toString(16).padStart(16, '0'));
    expect((await api('post', '/v1/groups', { name: 'Crowd', member_ids: many })).body).toMatchObject({
      code: 'invalid_input',
      errors: [{ pointer: '#/member_ids' }],
    });
  });

  it('adds ten thousand members in one call, and writes down who they were', async () => {
    const group = await giveGroup(test, 'Ten thousand');
    const people = Array.from({ length: 10_000 }, (_, index) => ({
      id: (index + 1).toString(16).padStart(16, '0'),
      username: `mass${index}@example.com`,
    }));
    const at = new Date();
    const store = createUserStore(test.app.database.connection, () => new Date());
    for (let from = 0; from < people.length; from += 2500) {
      await store.insertMany(
        people.slice(from, from + 2500).map(({ id, username }) => ({
          user: {
            id,
            username,
            kind: 'customer',
            firstName: '',
            lastName: '',
            status: 'active',
            attributes: {},
            customData: {},
            memberships: [],
            adminRoles: [],
            ownerOf: [],
            passwordIsTemporary: false,
            createdAt: at,
            updatedAt: at,
          },
        })),
      );
    }
    const path = `/v1/groups/${group.id}/members`;
    const { body } = await api('post', path, { usernames: people.map(({ username }) => username) });
    expect(body.result.counts).toEqual({ added: 10_000, already_member: 0, no_such_user: 0, not_a_customer: 0 });
    expect((await api('get', `${path}?count=true&limit=1`)).body.count).toEqual({ value: 10_000, relation: 'exact' });
    const events = (await api('get', `/v1/audit-events?target_id=${group.id}&action=group.members_added`)).body.result;
    expect(events.flatMap(({ subjects }: { subjects: object[] }) => subjects)).toHaveLength(10_000);
    const tooMany = await api('post', path, {
      usernames: [...people, { username: 'one@more.com' }].map((p) => p.username),
    });
    expect(tooMany.body.errors).toEqual([{ pointer: '#/usernames', detail: 'must have at most 10000 users' }]);
    expect((await api('delete', `/v1/groups/${group.id}`)).status).toBe(204);
    await test.app.memberships.purgeDeleted();
  });

  it('sets the groups of a user at once', async () => {
    const { id } = await giveUser(test, 'set.groups@example.com');
    const first = await giveGroup(test, 'Set 1', [id]);
    const second = await giveGroup(test, 'Set 2', [id]);
    const third = await giveGroup(test, 'Set 3');
    const path = `/v1/users/${id}/groups`;
    const { etag = '' } = (await api('get', path)).headers;
    const { body } = await api('put', path, { group_ids: [third.id, second.id] }).set('if-match', etag);
    expect(body.result.map(({ name }: { name: string }) => name)).toEqual(['Set 2', 'Set 3']);
    expect(names(await api('get', path))).toEqual(['Set 2', 'Set 3']);
    expect((await api('put', path, { group_ids: [first.id] }).set('if-match', etag)).status).toBe(412);
    expect((await api('put', path, { group_ids: [] })).body.result).toEqual([]);
  });

  it('creates many users at once, and says of each what became of them', async () => {
    const group = await giveGroup(test, 'Newcomers');
    await giveUser(test, 'many.taken@example.com');
    const { body } = await api('post', '/v1/bulk/users', {
      users: [
        { username: 'many.one@example.com', group_ids: [group.id], first_name: 'One' },
        { username: 'many.taken@example.com' },
        { username: 'many.weak@example.com', temporary_password: 'weak' },
        { username: 'Many.One@example.com' },
        { username: 'many.two@example.com', temporary_password: 'Wander#2026' },
      ],
    });
    const outcomes = body.result.items.map(
      (item: { username: string; outcome: string; user: { status: string } | null }) => [
        item.username,
        item.outcome,
        item.user?.status ?? null,
      ],
    );
    expect(outcomes).toEqual([
      ['many.one@example.com', 'created', 'invited'],
      ['many.taken@example.com', 'username_taken', null],
      ['many.weak@example.com', 'weak_password', null],
      ['many.one@example.com', 'username_taken', null],
      ['many.two@example.com', 'created', 'active'],
    ]);
    expect(body.result.counts).toEqual({ created: 2, username_taken: 2, weak_password: 1 });
    expect(body.result.items[2].errors[0].pointer).toBe('#/users/2/temporary_password');
    expect(names(await api('get', `/v1/groups/${group.id}/members`))).toEqual(['many.one@example.com']);
  });

  it('finds roles by the beginning of their name, page by page, in any case', async () => {
    for (const name of ['Crew B', 'crew a', 'Ground crew', 'CREW c']) await giveRole(test, name);
    const first = await api('get', '/v1/roles?q=Crew&limit=2');
    expect(names(first)).toEqual(['crew a', 'Crew B']);
    const second = await api('get', `/v1/roles?q=Crew&limit=2&cursor=${first.body.next}`);
    expect([names(second), second.body.next]).toEqual([['CREW c'], null]);
    expect(names(await api('get', `/v1/roles?q=Crew&limit=2&cursor=${second.body.previous}`))).toEqual(names(first));
  });

  it('takes a deleted role from its groups, and sweeps a deleted group from its members', async () => {
    const role = await giveRole(test, 'doomed');
    const vera = await giveUser(test, 'vera@example.com');
    const group = await giveGroup(test, 'Doomed', [vera.id], [role.id]);
    await api('delete', `/v1/roles/${role.id}`);
    expect((await api('get', `/v1/groups/${group.id}`)).body.result.role_ids).toEqual([]);
    await api('delete', `/v1/groups/${group.id}`);
    expect((await api('get', `/v1/users/${vera.id}/groups`)).body.result).toEqual([]);
    expect((await test.app.users.get(vera.id)).memberships).toHaveLength(1);
    await test.app.memberships.purgeDeleted();
    expect((await test.app.users.get(vera.id)).memberships).toEqual([]);
  });

  it('shows a secret once, and ends the old one when it is rotated', async () => {
    const created = await api('post', '/v1/applications', {
      name: 'Rotating',
      type: 'service',
      scopes: ['groups:read'],
    });
    const { client_id: id, client_secret: secret } = created.body.result;
    expect((await api('get', `/v1/applications/${id}`)).body.result).not.toHaveProperty('client_secret');
    const tokenWith = (password: string) =>
      test.http
        .post('/token')
        .auth(id, password)
        .type('form')
        .send({ grant_type: 'client_credentials', scope: 'groups:read' });
    expect((await tokenWith(secret)).status).toBe(200);
    const rotated = (await api('post', `/v1/applications/${id}/secret`)).body.result.client_secret as string;
    expect((await tokenWith(secret)).status).toBe(401);
    expect((await tokenWith(rotated)).status).toBe(200);
    const stored = JSON.stringify(
      await test.app.database.connection.collection('applications').findOne({ _id: id as never }),
    );
    expect(stored).not.toContain(rotated);
  });

  it('remembers who did what to what, newest first, and never a secret', async () => {
    const { body } = await api('post', '/v1/groups', { name: 'Remembered' });
    const id = body.result.group_id as string;
    await api('patch', `/v1/groups/${id}`, { description: 'twice' });
    const events = (await api('get', `/v1/audit-events?target_id=${id}`)).body.result;
    expect(events).toEqual([
      expect.objectContaining({ action: 'group.updated', details: { fields: ['description'] } }),
      expect.objectContaining({
        action: 'group.created',
        actor: { kind: 'service', id: expect.any(String), name: 'Crew planner' },
        target: { kind: 'group', id, name: 'Remembered' },
        address: expect.stringContaining('127.0.0.1'),
      }),
    ]);
    const all = JSON.stringify(await test.app.database.connection.collection('audit_events').find().toArray());
    for (const secret of ['Wander#2026', 'Cohort#2026', 'argon2']) expect(all).not.toContain(secret);
    const first = await api('get', '/v1/audit-events?limit=2');
    const second = await api('get', `/v1/audit-events?limit=2&cursor=${first.body.next}`);
    expect(second.body.result[0].event_id).not.toBe(first.body.result[1].event_id);
  });
});
