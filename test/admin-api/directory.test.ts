import { adminToken, giveGroup, givePerson, giveRole, startHouse, type TestHouse } from '../support/house.ts';

describe('the directory', () => {
  let test: TestHouse;
  let token: string;
  beforeAll(async () => {
    test = await startHouse();
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
      await givePerson(test, username, { firstName, lastName });
    }
    expect(names(await api('get', '/v1/users?q=LOV'))).toEqual(['ada@example.com', 'lovisa@example.com']);
    expect(names(await api('get', '/v1/users?q=emilie'))).toEqual(['emilie@example.com']);
    expect(names(await api('get', `/v1/users?q=${encodeURIComponent('ÉMI')}`))).toEqual(['emilie@example.com']);
    expect(names(await api('get', '/v1/users?q=akesson'))).toEqual(['lovisa@example.com']);
    expect(names(await api('get', '/v1/users?q=.*'))).toEqual([]);
    expect(names(await api('get', '/v1/users?q=elace'))).toEqual([]);
  });

  it('gives everybody once, page by page, in order', async () => {
    for (let i = 0; i < 7; i += 1) await givePerson(test, `page${i}@example.com`);
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
    await givePerson(test, 'olive@example.com', { kind: 'administrator' });
    const grace = await givePerson(test, 'grace@example.com');
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
    const { id } = await givePerson(test, 'dorothy@example.com', { firstName: 'Dorothy', lastName: 'Johnson' });
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

  it('points at every member who cannot be added, and adds nobody then', async () => {
    const rosa = await givePerson(test, 'rosa@example.com');
    const admin = await givePerson(test, 'otto@example.com', { kind: 'administrator' });
    const group = await giveGroup(test, 'Strict');
    const refused = await api('post', `/v1/groups/${group.id}/members`, { user_ids: [rosa.id, admin.id] });
    expect(refused.body).toMatchObject({
      status: 409,
      code: 'only_customers_can_be_members',
      errors: [{ pointer: '#/user_ids/1', detail: 'is an administrator' }],
    });
    const unknown = await api('post', `/v1/groups/${group.id}/members`, { user_ids: ['ffffffffffffffff', rosa.id] });
    expect(unknown.body).toMatchObject({ status: 400, code: 'unknown_user', errors: [{ pointer: '#/user_ids/0' }] });
    expect((await api('get', `/v1/groups/${group.id}/members`)).body.result).toEqual([]);
  });

  it('takes a deleted role from its groups, and sweeps a deleted group from its members', async () => {
    const role = await giveRole(test, 'doomed');
    const vera = await givePerson(test, 'vera@example.com');
    const group = await giveGroup(test, 'Doomed', [vera.id], [role.id]);
    await api('delete', `/v1/roles/${role.id}`);
    expect((await api('get', `/v1/groups/${group.id}`)).body.result.role_ids).toEqual([]);
    await api('delete', `/v1/groups/${group.id}`);
    expect((await api('get', `/v1/users/${vera.id}/groups`)).body.result).toEqual([]);
    expect((await test.house.users.get(vera.id)).memberships).toHaveLength(1);
    await test.house.memberships.sweepAbandoned();
    expect((await test.house.users.get(vera.id)).memberships).toEqual([]);
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
      await test.house.database.connection.collection('applications').findOne({ _id: id as never }),
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
    const all = JSON.stringify(await test.house.database.connection.collection('audit_events').find().toArray());
    for (const secret of ['Wander#2026', 'Cohort#2026', 'argon2']) expect(all).not.toContain(secret);
    const first = await api('get', '/v1/audit-events?limit=2');
    const second = await api('get', `/v1/audit-events?limit=2&cursor=${first.body.next}`);
    expect(second.body.result[0].event_id).not.toBe(first.body.result[1].event_id);
  });
});
