import type { Actor } from '../../../src/platform/actor.ts';
import { system } from '../../../src/platform/actor.ts';
import { rightsOf } from '../../../src/administration/admin-roles/administrator.ts';
import type { AdminRole } from '../../../src/directory/users/admin-role.ts';
import { everyGroup } from '../../../src/directory/groups/group-search.ts';
import type { Group } from '../../../src/directory/groups/group.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { callsByName } from '../../support/actors.ts';
import { giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

/**
 * What somebody limited may call without naming a group or user within the admin scope: lists that leave out, what is nobody's, and the
 * creation of nobody.
 */
const OPEN = [
  'get /v1/applications',
  'get /v1/applications/{client_id}',
  'get /v1/applications/{client_id}/access',
  'get /v1/applications/{client_id}/claim-policy',
  'get /v1/applications/{client_id}/signals',
  'get /v1/applications/{client_id}/signals/events',
  'get /v1/applications/{client_id}/signals/streams',
  'get /v1/groups',
  'get /v1/roles',
  'get /v1/users',
  'post /v1/bulk/users',
];

/** An owner adds anyone to the group, which such an administrator may not do. */
const MAKES_AN_OWNER = 'put /v1/groups/{group_id}/owners/{user_id}';

/** Changes what a user is in, and nothing else of them. */
const MOVES = 'put /v1/users/{user_id}/groups';

describe('an administrator limited to groups', () => {
  let test: TestApp;
  let fleet: Group;
  let pilots: Group;
  let finance: Group;
  let inside: User;
  let both: User;
  let outside: User;
  let nobodys: User;
  let serial = 0;

  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    inside = await giveUser(test, 'inside@example.com');
    both = await giveUser(test, 'both@example.com');
    outside = await giveUser(test, 'outside@example.com');
    nobodys = await giveUser(test, 'nobodys@example.com');
    const company = await giveGroup(test, 'Company');
    fleet = await giveGroup(test, 'Fleet', [], [], { parent_id: company.id });
    pilots = await giveGroup(test, 'Pilots', [inside.id, both.id], [], { parent_id: fleet.id });
    finance = await giveGroup(test, 'Finance', [both.id, outside.id], [], { parent_id: company.id });
  });
  afterAll(() => test.tearDown());

  async function limited(roles: AdminRole[] = ['users', 'groups'], groups: string[] = [fleet.id]) {
    serial += 1;
    const given = await giveUser(test, `limited${serial}@example.com`, { kind: 'administrator', adminRoles: [] });
    const user = await test.app.users.setAdministration(system, given.id, { adminRoles: roles, adminScope: groups });
    const actor: Actor = {
      kind: 'user',
      id: user.id,
      name: user.username,
      ...rightsOf(user, Object.keys(test.app.scopes)),
    };
    return { actor, call: callsByName(test.app, actor) };
  }

  const list = async (call: Awaited<ReturnType<typeof limited>>['call'], name: string, query = {}) => {
    const { body } = await call<{ result: { username?: string; name?: string }[] }>(name, { query });
    return body.result.map(({ username, name: group }) => username ?? group);
  };
  const customer = (groups: string[]) => async () => {
    const user = await giveUser(test, `customer${(serial += 1)}@example.com`);
    for (const id of groups) await test.app.memberships.add(system, id, { userIds: [user.id] });
    return user;
  };
  const codeOf = (attempt: Promise<unknown>) =>
    attempt.then(
      () => 'done',
      (error: { code: string }) => error.code,
    );

  describe('with every scope, at every endpoint there is', () => {
    const namesAllowed = async (userId: string, groupId: string) => {
      const { actor } = await limited();
      const mighty: Actor = { ...actor, scopes: new Set(Object.keys(test.app.scopes)) };
      const ids = { user_id: userId, group_id: groupId };
      const allowed = test.app.endpoints.map(async (endpoint) => {
        const { method, path } = endpoint;
        const name = `${method} ${path}`;
        const params = Object.fromEntries(Object.entries(ids).filter(([param]) => path.includes(`{${param}}`)));
        return (await test.app.calls.callsOf(mighty).allows(endpoint, params)) ? [name] : [];
      });
      return (await Promise.all(allowed)).flat().sort();
    };
    const naming = (...params: string[]) =>
      test.app.endpoints
        .filter(({ path }) => params.some((param) => path.includes(param)))
        .map(({ method, path }) => `${method} ${path}`);

    it('may call everything about what is within the admin scope', async () => {
      const about = naming('{user_id}', '{group_id}').filter((name) => name !== MAKES_AN_OWNER);
      expect(await namesAllowed(inside.id, pilots.id)).toEqual([...new Set([...OPEN, ...about])].sort());
    });

    it('may call nothing about what is outside of it, nor what is not about groups at all', async () => {
      expect(await namesAllowed(outside.id, finance.id)).toEqual(OPEN);
      expect(await namesAllowed(nobodys.id, finance.id)).toEqual(OPEN);
    });

    it('sees those who are in other groups too, and does not change them', async () => {
      const changes = naming('/v1/users/{user_id}').filter((name) => !name.startsWith('get ') && name !== MOVES);
      const all = await namesAllowed(both.id, pilots.id);
      expect(all.filter((name) => changes.includes(name))).toEqual([]);
      expect(all).toEqual(expect.arrayContaining(naming('/v1/users/{user_id}').filter((name) => /^get /.test(name))));
    });
  });

  it('comes to the scopes that can be had for groups, and no others', async () => {
    const { actor } = await limited(['users', 'groups', 'support', 'auditor']);
    expect([...actor.scopes].sort()).toEqual([
      ...['applications:read', 'groups:read', 'groups:write', 'roles:read'],
      ...['users:delete', 'users:read', 'users:write'],
    ]);
  });

  it('finds in every list and count what is within the admin scope', async () => {
    const { call } = await limited();
    expect(await list(call, 'get /v1/groups')).toEqual(['Fleet', 'Pilots']);
    expect(await list(call, 'get /v1/groups', { q: 'fin' })).toEqual([]);
    expect(await list(call, 'get /v1/groups', { sort: '-created_at' })).toEqual(['Pilots', 'Fleet']);
    expect(await list(call, 'get /v1/groups', { parent_id: fleet.id })).toEqual(['Pilots']);
    const found = await list(call, 'get /v1/users');
    expect(found).toEqual(expect.arrayContaining(['both@example.com', 'inside@example.com']));
    expect(found).not.toEqual(expect.arrayContaining(['outside@example.com']));
    expect(await list(call, 'get /v1/users', { q: 'outside' })).toEqual([]);
    expect(await list(call, 'get /v1/users', { username: 'nobodys@example.com' })).toEqual([]);
    expect(await list(call, 'get /v1/users', { in_group: finance.id })).toEqual([]);
    expect(await list(call, 'get /v1/users', { in_group: pilots.id, not_in_group: finance.id })).toEqual([
      'both@example.com',
      'inside@example.com',
    ]);
    expect(await list(call, 'get /v1/users', { kind: 'administrator' })).toEqual([]);
    const { body } = await call<{ count: { value: number } }>('get /v1/groups', { query: { count: 'true' } });
    expect(body.count.value).toBe(2);
  });

  it('creates a group with those whom it sees, and with nobody else', async () => {
    const { call } = await limited();
    const create = (name: string, ids: string[]) =>
      codeOf(call('post /v1/groups', { body: { name, parent_id: fleet.id, member_ids: ids } }));
    expect(await create('Stewards', [inside.id, outside.id])).toBe('unknown_member');
    expect(await create('Stewards', [inside.id, both.id])).toBe('done');
    const [made] = (await test.app.groups.search({ ...everyGroup, name: 'stewards' }, { list: '', limit: 1 })).items;
    await test.app.memberships.remove(system, made!.id, { userIds: [inside.id, both.id] });
    await test.app.groups.remove(system, made!.id);
  });

  it('creates users in groups within the admin scope, also without the role for groups', async () => {
    const { call } = await limited(['users']);
    const create = (username: string, ids?: string[]) =>
      codeOf(call('post /v1/users', { body: { username, ...(ids ? { group_ids: ids } : {}) } }));
    expect(await create('new@example.com', [pilots.id])).toBe('done');
    for (const ids of [undefined, [], [finance.id], [pilots.id, finance.id], ['ffffffffffffffff']])
      expect(await create('newer@example.com', ids)).toBe('outside_admin_scope');
    const users = [
      { username: 'a@example.com', group_ids: [pilots.id] },
      { username: 'b@example.com', group_ids: [finance.id] },
    ];
    await expect(call('post /v1/bulk/users', { body: { users } })).rejects.toMatchObject({
      code: 'outside_admin_scope',
      faults: [{ pointer: '#/users/1/group_ids' }],
    });
    await call('post /v1/users', { query: { dry_run: 'true' }, body: { username: 'c@example.com' } });
  });

  it('neither makes an owner nor changes one, who could let anyone into the group', async () => {
    const { call } = await limited(['users', 'groups']);
    const user = await customer([pilots.id])();
    const owner = { params: { group_id: pilots.id, user_id: user.id } };
    const body = { temporary_password: 'Wander#2026' };
    const takeOver = () => codeOf(call('put /v1/users/{user_id}/password', { params: { user_id: user.id }, body }));
    expect(await codeOf(call(MAKES_AN_OWNER, owner))).toBe('outside_admin_scope');
    for (const { id } of [pilots, finance]) {
      await test.app.memberships.addOwner(system, id, user.id);
      expect(await takeOver()).toBe('outside_admin_scope');
      if (id === pilots.id) await call('delete /v1/groups/{group_id}/owners/{user_id}', owner);
      else await test.app.memberships.removeOwner(system, id, user.id);
    }
    expect(await takeOver()).toBe('done');
  });

  it('moves users between groups within the admin scope, and lets nobody in from outside', async () => {
    const { call } = await limited(['groups']);
    const crew = await giveGroup(test, 'Crew', [], [], { parent_id: pilots.id });
    const params = { group_id: crew.id };
    const usernames = ['inside@example.com', 'outside@example.com', 'nobodys@example.com', 'unknown@example.com'];
    const { body } = await call<{ result: { items: { outcome: string }[] } }>('post /v1/groups/{group_id}/members', {
      params,
      body: { usernames },
    });
    expect(body.result.items.map(({ outcome }) => outcome)).toEqual([
      ...['added', 'no_such_user', 'no_such_user', 'no_such_user'],
    ]);
    const place = (user: User, ids: string[]) =>
      codeOf(call('put /v1/users/{user_id}/groups', { params: { user_id: user.id }, body: { group_ids: ids } }));
    expect(await place(both, [pilots.id, crew.id])).toBe('done');
    expect(await place(both, [pilots.id, finance.id])).toBe('outside_admin_scope');
    expect(await place(both, [pilots.id, 'ffffffffffffffff'])).toBe('outside_admin_scope');
    expect(await place(both, [pilots.id])).toBe('done');
    expect(await place(inside, [pilots.id, finance.id])).toBe('outside_admin_scope');
    expect(await place(nobodys, [pilots.id])).toBe('user_not_found');
    // The group that was neither shown nor named stays.
    const groups = (await test.app.users.get(both.id)).memberships.map(({ group }) => group);
    expect(groups.sort()).toEqual([finance.id, pilots.id].sort());
  });

  it('makes and changes groups below its own, which stay where they are', async () => {
    const { call } = await limited(['groups']);
    const create = (body: object) => codeOf(call('post /v1/groups', { body }));
    expect(await create({ name: 'Mechanics', parent_id: fleet.id })).toBe('done');
    const crowded = (user: User) => create({ name: 'Crowded', parent_id: fleet.id, member_ids: [user.id] });
    expect([await crowded(outside), await crowded(inside)]).toEqual(['unknown_member', 'done']);
    expect(await create({ name: 'Top' })).toBe('outside_admin_scope');
    expect(await create({ name: 'Auditors', parent_id: finance.id })).toBe('outside_admin_scope');
    const change = (id: string, body: object) =>
      codeOf(call('patch /v1/groups/{group_id}', { params: { group_id: id }, body }));
    expect(await change(fleet.id, { description: 'Everything that flies', parent_id: fleet.parentId })).toBe('done');
    expect(await change(fleet.id, { parent_id: null })).toBe('outside_admin_scope');
    expect(await change(pilots.id, { parent_id: null })).toBe('outside_admin_scope');
    expect(await change(pilots.id, { parent_id: finance.id })).toBe('outside_admin_scope');
    expect(await change(finance.id, { description: 'Mine' })).toBe('group_not_found');
    const remove = (id: string) => codeOf(call('delete /v1/groups/{group_id}', { params: { group_id: id } }));
    const spare = await giveGroup(test, 'Spare', [], [], { parent_id: fleet.id });
    expect([await remove(spare.id), await remove(fleet.id)]).toEqual(['done', 'outside_admin_scope']);
  });

  it('gives no role that none of its groups has', async () => {
    const { call } = await limited(['groups']);
    const editor = await giveRole(test, 'editor');
    const billing = await giveRole(test, 'billing');
    await giveGroup(test, 'Editors', [], [editor.id], { parent_id: fleet.id });
    await giveGroup(test, 'Accountants', [], [billing.id], { parent_id: finance.id });
    const give = (roles: string[]) =>
      codeOf(call('patch /v1/groups/{group_id}', { params: { group_id: pilots.id }, body: { role_ids: roles } }));
    expect([await give([editor.id]), await give([editor.id, billing.id])]).toEqual(['done', 'outside_admin_scope']);
    expect(await list(call, 'get /v1/roles')).toEqual(['editor']);
    expect(await list(call, 'get /v1/roles', { q: 'bil' })).toEqual([]);
    const read = (id: string) => codeOf(call('get /v1/roles/{role_id}', { params: { role_id: id } }));
    expect([await read(editor.id), await read(billing.id)]).toEqual(['done', 'role_not_found']);
    const found = (id: string) => list(call, 'get /v1/users', { role_id: id });
    const user = await customer([pilots.id, finance.id])();
    await test.app.groups.update(system, finance.id, { role_ids: [billing.id] });
    expect([await found(editor.id), await found(billing.id)]).toEqual([expect.arrayContaining([user.username]), []]);
  });

  it('is told how many administrators a deletion concerns, and not who they are', async () => {
    const spare = await giveGroup(test, 'Spare part', [], [], { parent_id: fleet.id });
    await limited(['groups'], [spare.id]);
    const deletion = { params: { group_id: spare.id }, query: { dry_run: 'true' } };
    const { call } = await limited(['groups']);
    const { body } = await call<{ result: { impact: object[] } }>('delete /v1/groups/{group_id}', deletion);
    const touched = { kind: 'administrators', count: { value: 1, relation: 'exact' } };
    expect(body.result.impact).toContainEqual({ ...touched, examples: [] });
    const all = callsByName(test.app, system);
    const { body: everything } = await all<typeof body>('delete /v1/groups/{group_id}', deletion);
    const examples = [{ id: expect.any(String), name: expect.stringMatching(/^limited/) }];
    expect(everything.result.impact).toContainEqual({ ...touched, examples });
  });

  it('may do nothing once its groups are deleted or moved elsewhere', async () => {
    const gone = await giveGroup(test, 'Gone');
    const moved = await giveGroup(test, 'Moved', [], [], { parent_id: fleet.id });
    const { call } = await limited(['groups'], [gone.id]);
    const params = { group_id: moved.id };
    const { call: other } = await limited(['groups']);
    await other('get /v1/groups/{group_id}', { params });
    expect(await test.app.users.impactOf({ kind: 'group', id: gone.id })).toMatchObject([
      { kind: 'administrators', count: { value: 1 } },
    ]);
    await test.app.groups.remove(system, gone.id);
    await test.app.groups.update(system, moved.id, { parent_id: finance.id });
    expect([await list(call, 'get /v1/groups'), await list(call, 'get /v1/users')]).toEqual([[], []]);
    expect(await codeOf(other('get /v1/groups/{group_id}', { params }))).toBe('group_not_found');
  });

  it('changes people whose other group is being deleted', async () => {
    const leaving = await giveGroup(test, 'Leaving');
    const user = await customer([pilots.id, leaving.id])();
    const { call } = await limited(['support']);
    const change = () =>
      codeOf(call('patch /v1/users/{user_id}', { params: { user_id: user.id }, body: { first_name: 'Ada' } }));
    expect(await change()).toBe('outside_admin_scope');
    await test.app.groups.remove(system, leaving.id);
    expect(await change()).toBe('done');
  });

  it('goes on with cursors in which nothing can be read', async () => {
    const { call } = await limited();
    interface Listed {
      result: object[];
      next: string | null;
      previous: string | null;
    }
    const read = async (cursor?: string) => {
      const query = { limit: '1', sort: 'username', ...(cursor ? { cursor } : {}) };
      return (await call<Listed>('get /v1/users', { query })).body;
    };
    const first = await read();
    const second = await read(first.next!);
    expect(await read(second.previous!)).toMatchObject({ result: first.result });
    expect(second.result).not.toEqual(first.result);
    const all = callsByName(test.app, system);
    const { body: open } = await all<Listed>('get /v1/users', { query: { limit: '1', sort: 'username' } });
    const readable = (cursor: string | null) => Buffer.from(cursor!, 'base64url').toString();
    expect(readable(open.next)).toContain('@example.com');
    for (const cursor of [first.next, second.next, second.previous])
      expect(readable(cursor)).not.toContain('example.com');
    expect(await codeOf(read(open.next!))).toBe('bad_cursor');
  });

  it('is asked to search within a group where there are too many groups', async () => {
    const crowd = await giveGroup(test, 'Crowd');
    const now = new Date();
    const many = Array.from({ length: 5001 }, (_, index) => {
      const id = `c${index.toString(16).padStart(15, '0')}`;
      const order = { name: `crowd ${index}\0${id}`, created: `${id}`, updated: `${id}` };
      const bare = { description: '', roleIds: [], customData: {}, traits: [], createdAt: now, updatedAt: now };
      return { _id: id, name: `Crowd ${index}`, nameKey: `crowd ${index}`, parentId: crowd.id, order, ...bare };
    });
    await test.app.database.connection.collection<{ _id: string }>('groups').insertMany(many);
    const { call } = await limited(['groups'], [crowd.id]);
    expect(await codeOf(call('get /v1/groups'))).toBe('unsupported_search');
    expect((await list(call, 'get /v1/groups', { parent_id: crowd.id, limit: '3' })).length).toBe(3);
    expect(await list(call, 'get /v1/users', { in_group: crowd.id })).toEqual([]);
  });

  it('may not be made of roles that hold everywhere', async () => {
    const owner = rightsOf(await giveUser(test, 'giver@example.com', { kind: 'administrator' }), [
      ...Object.keys(test.app.scopes),
    ]);
    const call = callsByName(test.app, { kind: 'user', id: 'ffffffffffffffff', name: 'giver', ...owner });
    const body = { username: 'made@example.com', kind: 'administrator', admin_scope: { group_ids: [fleet.id] } };
    expect(await codeOf(call('post /v1/users', { body: { ...body, admin_roles: ['users', 'owner'] } }))).toBe(
      'role_cannot_be_limited',
    );
    const unknown = { ...body, admin_scope: { group_ids: ['ffffffffffffffff'] } };
    expect(await codeOf(call('post /v1/users', { body: unknown }))).toBe('unknown_group');
    expect(await codeOf(call('post /v1/users', { body: { ...body, kind: 'customer' } }))).toBe(
      'only_administrators_have_admin_roles',
    );
    expect(await codeOf(call('post /v1/users', { body: { ...body, admin_roles: ['users'] } }))).toBe('done');
  });

  it('previews the claims of users within the admin scope only', async () => {
    const { id } = await giveApplication(test);
    const { call } = await limited(['groups']);
    const preview = (userId: string) =>
      codeOf(call('get /v1/applications/{client_id}/claims/{user_id}', { params: { client_id: id, user_id: userId } }));
    expect([await preview(inside.id), await preview(outside.id)]).toEqual(['done', 'user_not_found']);
  });
});
