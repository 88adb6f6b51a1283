import bcrypt from 'bcryptjs';
import { DEFAULT_CLAIM_POLICY } from '../../../src/directory/applications/claim-policy.ts';
import { system } from '../../../src/platform/actor.ts';
import { startApp, giveGroup, giveUser, giveRole, PASSWORD, type TestApp } from '../../support/app.ts';
import { collection, documents, importRows, importText } from './files.ts';

let test: TestApp;
let clock = Date.UTC(2026, 10, 21, 10);

beforeEach(async () => {
  test = await startApp({ now: () => new Date(clock) });
});
afterEach(() => test.tearDown());

const user = (username: string) => collection(test, 'users').findOne({ username });
const events = (action: string) => collection(test, 'audit_events').find({ action }).toArray();
const groupNames = async (username: string) => {
  const { memberships } = (await user(username)) as unknown as { memberships: { group: string }[] };
  return Promise.all(memberships.map(async ({ group }) => (await test.app.groups.get(group)).name));
};

it('makes a group with the ID of one that was just deleted without its members, and leaves it its own', async () => {
  const [ada, grace] = await Promise.all(['ada', 'grace'].map((name) => giveUser(test, `${name}@example.com`)));
  const { id } = await giveGroup(test, 'Before', [ada!.id]);
  await test.app.groups.remove(system, id);
  const rows = [{ group_id: id, name: 'Again' }];
  await importRows(test, 'groups', rows, { dryRun: true });
  expect((await test.app.users.get(ada!.id)).memberships).toHaveLength(1);
  expect((await importRows(test, 'groups', rows)).counts.created).toBe(1);
  expect(await groupNames('ada@example.com')).toEqual([]);
  await test.app.memberships.add(system, id, { userIds: [grace!.id] });
  await test.app.memberships.purgeDeleted();
  expect(await groupNames('grace@example.com')).toEqual(['Again']);
});

describe('importing users', () => {
  it('creates people as the module for users does, with what the row says about them', async () => {
    const { id: pilots } = await giveGroup(test, 'Pilots');
    const { counts, faults } = await importRows(test, 'users', [
      {
        user_id: '00000000000000aa',
        username: ' Ada@Example.com ',
        first_name: 'Ada',
        last_name: 'Lovelace',
        password_hash: await bcrypt.hash(PASSWORD, 4),
        groups: [{ group: 'pilots', since: '2020-01-02T03:04:05.678Z', by: 'hr' }],
        custom_data: { shoe: { size: 38 } },
        created_at: 1577934245.678,
        updated_at: '2021-01-01T00:00:00+01:00',
      },
      { username: 'grace@example.com', groups: ['PILOTS'] },
    ]);
    expect({ counts, faults }).toEqual({ counts: { created: 2, updated: 0, unchanged: 0, failed: 0 }, faults: [] });

    const ada = await test.app.users.get('00000000000000aa');
    expect(ada).toEqual({
      id: '00000000000000aa',
      kind: 'customer',
      adminRoles: [],
      ownerOf: [],
      username: 'ada@example.com',
      firstName: 'Ada',
      lastName: 'Lovelace',
      status: 'active',
      attributes: {},
      customData: { shoe: { size: 38 } },
      memberships: [{ group: pilots, since: new Date('2020-01-02T03:04:05.678Z'), by: 'hr' }],
      passwordIsTemporary: false,
      createdAt: new Date(1577934245678),
      updatedAt: new Date('2020-12-31T23:00:00Z'),
    });
    const proof = await test.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' });
    expect(proof?.userId).toBe(ada.id);
    expect(await user('grace@example.com')).toMatchObject({
      status: 'invited',
      memberships: [{ group: pilots, since: new Date(clock), by: 'cohort' }],
    });

    // The same derived fields as a user who is created one by one.
    const joan = await giveUser(test, 'joan@example.com');
    const keysOf = async (username: string) => Object.keys((await user(username))!).sort();
    expect(await keysOf('ada@example.com')).toEqual(await keysOf(joan.username));
  });

  it('changes what differs, and nothing when nothing differs', async () => {
    await giveGroup(test, 'Staff');
    await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    const rows = [
      { username: 'ada@example.com', first_name: 'Augusta Ada', custom_data: { b: 1, a: 2 }, groups: ['Staff'] },
      { username: 'grace@example.com', first_name: 'Grace' },
    ];
    clock += 60_000;
    expect((await importRows(test, 'users', rows)).counts).toMatchObject({ created: 1, updated: 1 });
    expect(await user('ada@example.com')).toMatchObject({
      firstName: 'Augusta Ada',
      order: { name: expect.stringMatching(/augusta ada/) },
      updatedAt: new Date(clock),
    });

    const before = [await documents(test, 'users'), await documents(test, 'audit_events')];
    clock += 60_000;
    const again = [{ ...rows[0]!, custom_data: { a: 2, b: 1 } }, rows[1]!];
    expect((await importRows(test, 'users', again)).counts).toEqual({
      created: 0,
      updated: 0,
      unchanged: 2,
      failed: 0,
    });
    expect([await documents(test, 'users'), await documents(test, 'audit_events')]).toEqual(before);
  });

  it('writes one audit event for a batch, naming everybody it touched', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    await importRows(
      test,
      'users',
      [
        { username: 'ada@example.com', first_name: 'Ada' },
        { username: 'grace@example.com', groups: ['New'] },
        { username: 'x' },
      ],
      { createGroups: true },
    );
    const [event, ...others] = await events('users.imported');
    const grace = await user('grace@example.com');
    expect(others).toEqual([]);
    expect(event).toMatchObject({
      actor: { kind: 'system', id: 'cohort' },
      target: { kind: 'import', id: 'people.jsonl', name: 'people.jsonl' },
      details: {
        outcomes: { created: 1, updated: 1, unchanged: 0, failed: 1 },
        created: [{ id: grace!._id, name: 'grace@example.com' }],
        updated: [{ id: ada.id, name: 'ada@example.com' }],
        groups_created: [{ name: 'New' }],
      },
    });
    expect(await events('user.created')).toHaveLength(1);
  });

  it('adds to the groups of a user, or replaces them when told to', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    await giveGroup(test, 'Staff', [ada.id]);
    await giveGroup(test, 'Pilots');
    await importRows(test, 'users', [{ username: 'ada@example.com', groups: ['Pilots', 'pilots'] }]);
    expect(await groupNames('ada@example.com')).toEqual(['Staff', 'Pilots']);

    const replace = { memberships: 'replace' } as const;
    await importRows(test, 'users', [{ username: 'ada@example.com', first_name: 'Ada' }], replace);
    expect(await groupNames('ada@example.com')).toEqual(['Staff', 'Pilots']);
    await importRows(test, 'users', [{ username: 'ada@example.com', groups: ['Pilots'] }], replace);
    expect(await groupNames('ada@example.com')).toEqual(['Pilots']);
    await importRows(test, 'users', [{ username: 'ada@example.com', groups: [] }], replace);
    expect(await groupNames('ada@example.com')).toEqual([]);
  });

  it('makes groups only when told to, once, and none that only a faulty row names', async () => {
    const rows = [
      { username: 'ada@example.com', groups: ['Astronauts'] },
      { username: 'grace@example.com', groups: ['ASTRONAUTS'] },
      { username: 'boss@example.com', kind: 'administrator', groups: ['Bosses'] },
    ];
    expect((await importRows(test, 'users', rows)).faults).toEqual([
      { line: 1, faults: [{ column: 'groups', reason: "group 'Astronauts' does not exist" }] },
      { line: 2, faults: [{ column: 'groups', reason: "group 'ASTRONAUTS' does not exist" }] },
      {
        line: 3,
        faults: [
          { column: 'groups', reason: "group 'Bosses' does not exist" },
          {
            column: 'groups',
            reason: 'must be empty for an administrator, because administrators cannot be members of groups',
          },
        ],
      },
    ]);
    expect((await importRows(test, 'users', rows, { createGroups: true })).counts).toMatchObject({
      created: 2,
      failed: 1,
    });
    expect((await documents(test, 'groups')).map((group) => group['name'])).toEqual(['Astronauts']);
  });

  it('says everything that is wrong with a row, with its column', async () => {
    await giveUser(test, 'ada@example.com');
    await giveUser(test, 'root@example.com', { kind: 'administrator' });
    const { counts, faults } = await importRows(test, 'users', [
      { username: 'nobody', first_name: 'x'.repeat(101), kind: 'robot', password_hash: 'md5', created_at: 'yesterday' },
      { first_name: 'Ada' },
      { username: 'ada@example.com', kind: 'administrator' },
      { username: 'root@example.com', status: 'disabled' },
      { username: 'new@example.com', status: 'invited', password_hash: await bcrypt.hash(PASSWORD, 4) },
      { username: 'new@example.com', groups: [{ group: '', ends: 1 }], custom_data: { $where: 1 } },
    ]);
    expect(counts).toEqual({ created: 0, updated: 0, unchanged: 0, failed: 6 });
    expect(faults).toEqual([
      {
        line: 1,
        faults: [
          { column: 'username', reason: 'must be a valid email' },
          { column: 'first_name', reason: 'must have at most 100 characters' },
          { column: 'kind', reason: 'must be customer or administrator' },
          {
            column: 'password_hash',
            reason: 'must be an argon2, bcrypt, scrypt or PBKDF2 hash in a supported format',
          },
          { column: 'created_at', reason: 'must be Unix seconds or a time such as 2026-11-21T10:00:00Z' },
        ],
      },
      { line: 2, faults: [{ column: 'username', reason: 'is missing' }] },
      { line: 3, faults: [{ column: 'kind', reason: 'cannot be changed; this user is a customer' }] },
      {
        line: 4,
        faults: [{ column: 'status', reason: 'cannot be changed by an import for an existing administrator' }],
      },
      { line: 5, faults: [{ column: 'status', reason: 'must be active or disabled for a user with a password' }] },
      {
        line: 6,
        faults: [
          { column: 'groups', reason: '0.group: must not be empty' },
          { column: 'groups', reason: expect.stringContaining('ends') },
          { column: 'custom_data', reason: expect.stringContaining('$where: must not have a key') },
        ],
      },
    ]);
  });

  it('never gives somebody another id, nor an id to somebody else', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const other = '00000000000000bb';
    const { faults } = await importRows(test, 'users', [
      { user_id: other, username: 'ada@example.com' },
      { user_id: ada.id, username: 'grace@example.com' },
      { user_id: other, username: 'joan@example.com' },
      { user_id: other, username: 'joan2@example.com' },
    ]);
    expect(faults).toEqual([
      { line: 1, faults: [{ reason: `has the ID ${ada.id}, not ${other}` }] },
      { line: 2, faults: [{ reason: `the ID ${ada.id} belongs to ada@example.com` }] },
      { line: 4, faults: [{ reason: `the ID ${other} belongs to joan@example.com` }] },
    ]);
  });

  it('gives a password to whoever has none, and replaces nobody’s', async () => {
    const hash = await bcrypt.hash('another', 4);
    await importRows(test, 'users', [{ username: 'grace@example.com' }]);
    const ada = await giveUser(test, 'ada@example.com');
    const rows = [
      { username: 'ada@example.com', password_hash: hash },
      { username: 'grace@example.com', password_hash: hash, password_is_temporary: true },
    ];
    expect((await importRows(test, 'users', rows)).counts).toMatchObject({ updated: 1, unchanged: 1 });
    expect(await test.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' })).toMatchObject({
      userId: ada.id,
    });
    expect(await user('grace@example.com')).toMatchObject({
      status: 'active',
      secret: { passwordHash: hash, temporary: true },
    });
    expect((await importRows(test, 'users', rows)).counts).toMatchObject({ updated: 0, unchanged: 2 });
  });

  it('keeps in an update what other modules have in the same document', async () => {
    await importRows(test, 'users', [{ username: 'ada@example.com' }]);
    const users = collection(test, 'users');
    await users.updateOne({ username: 'ada@example.com' }, { $set: { 'secret.other': 'kept', elsewhere: 'kept' } });
    const row = { username: 'ada@example.com', first_name: 'Ada', password_hash: await bcrypt.hash('another', 4) };
    expect((await importRows(test, 'users', [row])).counts).toMatchObject({ updated: 1 });
    expect(await user('ada@example.com')).toMatchObject({
      secret: { other: 'kept', passwordHash: row.password_hash },
      elsewhere: 'kept',
      firstName: 'Ada',
    });
  });

  it('disables and enables, and leaves it to the user to accept an invitation', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const row = (status: string) => [{ username: 'ada@example.com', status }];
    expect((await importRows(test, 'users', row('invited'))).counts).toMatchObject({ unchanged: 1 });
    await importRows(test, 'users', row('disabled'));
    expect((await test.app.users.get(ada.id)).status).toBe('disabled');
    expect(await test.app.credentials.verify('ada@example.com', PASSWORD, { address: '127.0.0.1' })).toBeUndefined();
    await importRows(test, 'users', row('active'));
    expect((await test.app.users.get(ada.id)).status).toBe('active');
  });

  it('takes a later row of the same user as a change, also in a batch', async () => {
    const { counts } = await importRows(test, 'users', [
      { username: 'ada@example.com', first_name: 'A' },
      { username: 'ADA@example.com', first_name: 'Ada' },
      { username: 'ada@example.com', first_name: 'Ada' },
    ]);
    expect(counts).toEqual({ created: 1, updated: 1, unchanged: 1, failed: 0 });
    expect(await user('ada@example.com')).toMatchObject({ firstName: 'Ada' });
  });

  it('merges custom_data.<path> columns into what is there', async () => {
    const csv = (cells: string) => `username,custom_data.address.city,custom_data.__proto__.x\n${cells}\n`;
    await importRows(test, 'users', [{ username: 'ada@example.com', custom_data: { address: { zip: '1' }, a: 1 } }]);
    const importCsv = (cells: string) => importText(test, 'users', csv(cells), { format: 'csv' });
    expect((await importCsv('ada@example.com,London,')).counts).toMatchObject({ updated: 1 });
    expect((await importCsv('ada@example.com,London,')).counts).toMatchObject({ unchanged: 1 });
    expect(await user('ada@example.com')).toMatchObject({
      customData: { address: { zip: '1', city: 'London' }, a: 1 },
    });
    expect((await importCsv('ada@example.com,London,1')).faults[0]!.faults).toEqual([
      { column: 'custom_data.__proto__.x', reason: 'has a key that is not allowed in custom data' },
    ]);
  });

  it('says in a dry run what an import would do, and writes nothing', async () => {
    await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    const rows = [
      { username: 'ada@example.com', first_name: 'Augusta' },
      { username: 'grace@example.com', groups: ['New'] },
      { username: 'grace@example.com', first_name: 'Grace' },
      { username: 'nobody' },
    ];
    const before = [await documents(test, 'users'), await documents(test, 'audit_events')];
    const dry = await importRows(test, 'users', rows, { dryRun: true, createGroups: true });
    expect([await documents(test, 'users'), await documents(test, 'audit_events')]).toEqual(before);
    expect(await documents(test, 'groups')).toEqual([]);
    expect(dry).toEqual(await importRows(test, 'users', rows, { createGroups: true }));
  });

  it('goes on behind faulty rows over many batches', async () => {
    const rows = Array.from({ length: 1203 }, (_, n) => ({
      username: n % 100 === 7 ? `faulty ${n}` : `user${n}@example.com`,
    }));
    const { counts, faults } = await importRows(test, 'users', rows);
    expect(counts).toEqual({ created: 1191, updated: 0, unchanged: 0, failed: 12 });
    expect(faults.map(({ line }) => line)).toEqual(Array.from({ length: 12 }, (_, n) => n * 100 + 8));
    expect(await events('users.imported')).toHaveLength(3);
  });
});

describe('importing groups, roles and applications', () => {
  it('finds groups and roles by their names in any case, and keeps the spelling', async () => {
    await giveRole(test, 'Editor');
    await giveGroup(test, 'Staff');
    const rows = [
      { name: 'STAFF', description: 'Everybody', roles: ['editor'] },
      { name: 'Pilots', roles: [] },
    ];
    expect((await importRows(test, 'groups', rows)).counts).toMatchObject({ created: 1, updated: 1 });
    expect((await importRows(test, 'groups', rows)).counts).toMatchObject({ unchanged: 2 });
    expect((await importRows(test, 'roles', [{ name: 'EDITOR', description: 'x' }])).counts).toMatchObject({
      updated: 1,
    });
    const [staff] = await collection(test, 'groups').find({ nameKey: 'staff' }).toArray();
    expect(staff).toMatchObject({ name: 'Staff', description: 'Everybody', roleIds: [expect.any(String)] });
    expect((await importRows(test, 'groups', [{ name: 'Staff', roles: ['admin'] }])).faults).toEqual([
      { line: 1, faults: [{ column: 'roles', reason: "role 'admin' does not exist" }] },
    ]);
  });

  it('shows a changed group to this process at once', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const { id } = await giveGroup(test, 'Staff', [ada.id]);
    await giveRole(test, 'Editor');
    const claim = () =>
      test.app.modules
        .flatMap((module) => module.claimSources ?? [])
        .find(({ scope }) => scope === 'roles')!
        .read({
          user: { ...ada, memberships: [{ group: id, since: new Date(), by: '' }] },
          application: { claimPolicy: DEFAULT_CLAIM_POLICY } as never,
        });
    expect(await claim()).toEqual({ roles: [] });
    await importRows(test, 'groups', [{ name: 'Staff', roles: ['Editor'] }]);
    expect(await claim()).toEqual({ roles: ['Editor'] });
  });

  it('keeps to the rules of applications and never replaces a secret', async () => {
    const web = { client_id: 'shop', name: 'Shop', redirect_uris: ['https://shop.example.com/cb'] };
    const rows = [{ ...web, client_secret: 'a secret of the shop' }];
    expect((await importRows(test, 'applications', rows)).counts).toMatchObject({ created: 1 });
    const again = [{ ...web, client_secret: 'some other secret here' }];
    expect((await importRows(test, 'applications', again)).counts).toMatchObject({ unchanged: 1 });
    expect(await test.app.applications.clientMetadata('shop')).toMatchObject({
      client_secret: 'a secret of the shop',
    });

    const { faults } = await importRows(test, 'applications', [
      { ...web, type: 'spa' },
      {
        client_id: 'robot',
        name: 'Robot',
        type: 'service',
        redirect_uris: ['https://x.example.com/'],
        scopes: ['users:rule'],
      },
      { client_id: 'empty', name: 'Empty' },
      { client_id: 'sly', name: 'Sly', metadata: { client_secret: 'x', redirect_uris: ['javascript:alert(1)'] } },
      { client_id: 'sly', name: 'Sly', metadata: { redirect_uris: ['javascript:alert(1)'] } },
    ]);
    expect(faults).toEqual([
      { line: 1, faults: [{ column: 'type', reason: 'cannot be changed; the type of this application is web' }] },
      {
        line: 2,
        faults: [
          { column: 'scopes', reason: "'users:rule' is not a scope of the admin API" },
          { column: 'redirect_uris', reason: 'must be empty for a service, because services do not sign users in' },
        ],
      },
      {
        line: 3,
        faults: [{ column: 'redirect_uris', reason: 'must contain at least one URI for this type of application' }],
      },
      { line: 4, faults: [{ column: 'metadata', reason: expect.stringContaining('have their own columns') }] },
      { line: 5, faults: [{ column: 'redirect_uris', reason: '0: must not use javascript:' }] },
    ]);
  });
});
