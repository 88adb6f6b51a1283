import { system } from '../../../src/platform/actor.ts';
import type { Group } from '../../../src/directory/groups/group.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { administratorWith } from '../../support/actors.ts';
import {
  adminToken,
  giveGroup,
  giveService,
  giveUser,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';

const MANY = 21;

interface Listed {
  username: string;
  groups?: { group_id: string; name: string }[];
  has_more_groups?: boolean;
}

describe('the groups in the list of users', () => {
  let test: TestApp;
  let token: string;
  let ada: User;
  let staff: Group;
  let crew: Group;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    ada = await giveUser(test, 'ada@example.com');
    const grace = await giveUser(test, 'grace@example.com');
    await giveUser(test, 'nobody@example.com');
    await giveGroup(test, 'Pilots', [ada.id]);
    staff = await giveGroup(test, 'Staff', [grace.id]);
    crew = await giveGroup(test, 'Crew', [ada.id]);
    for (let number = 10; number < 10 + MANY; number += 1) await giveGroup(test, `Group ${number}`, [grace.id]);
  });
  afterAll(() => test.tearDown());

  const get = (query: string, as = token) => test.http.get(`/v1/users?${query}`).set('authorization', `Bearer ${as}`);
  const groupDocuments = () => test.app.database.connection.collection<{ _id: string }>('groups');
  const namesOf = ({ result }: { result: Listed[] }) =>
    result.map(({ username, groups, has_more_groups: hasMore }) => ({
      username,
      names: groups?.map(({ name }) => name),
      hasMore,
    }));

  it('are there when they are asked for, the first 20 of each by name', async () => {
    const { body } = await get('groups=true&kind=customer&sort=username');
    const many = Array.from({ length: 20 }, (_, index) => `Group ${index + 10}`);
    expect(namesOf(body)).toEqual([
      { username: 'ada@example.com', names: ['Crew', 'Pilots'], hasMore: false },
      { username: 'grace@example.com', names: many, hasMore: true },
      { username: 'nobody@example.com', names: [], hasMore: false },
    ]);
    expect(body.result[0].groups[0]).toEqual({ group_id: crew.id, name: 'Crew' });
    for (const query of ['', 'groups=false']) {
      const { body: plain } = await get(query);
      expect((plain.result as Listed[]).filter((user) => 'groups' in user || 'has_more_groups' in user)).toEqual([]);
    }
    expect((await get('groups=perhaps')).status).toBe(400);
  });

  it('are those of memberships that count now, and of groups that are there', async () => {
    const user = await giveUser(test, 'periods@example.com');
    const add = (groupId: string, period: object) =>
      test.http
        .post(`/v1/groups/${groupId}/members`)
        .set('authorization', `Bearer ${token}`)
        .send({ user_ids: [user.id], ...period });
    const soon = Math.floor(Date.now() / 1000) + 3600;
    const later = await giveGroup(test, 'Later');
    const deleted = await giveGroup(test, 'Deleted', [user.id]);
    expect((await add(later.id, { from: soon })).status).toBe(200);
    expect((await add(staff.id, { until: soon })).status).toBe(200);
    await test.app.groups.remove(system, deleted.id);
    const { body } = await get('groups=true&q=periods');
    expect(namesOf(body)).toEqual([{ username: 'periods@example.com', names: ['Staff'], hasMore: false }]);
  });

  it('are all of them when one of 21 was deleted a moment ago', async () => {
    const user = await giveUser(test, 'lots@example.com');
    const ids: string[] = [];
    for (let number = 0; number < MANY; number += 1) ids.push((await giveGroup(test, `Lot ${number}`, [user.id])).id);
    await test.app.groups.remove(system, ids[3]!);
    const [listed] = namesOf((await get('groups=true&q=lots')).body);
    expect([listed!.names!.length, listed!.hasMore]).toEqual([20, false]);
  });

  it('are the same for users in so many groups that these are not read at once', async () => {
    const [template] = await groupDocuments().find({ _id: staff.id }).toArray();
    const crowd = Array.from({ length: 2001 }, (_, index) => {
      const name = `crowd ${10_000 + index}`;
      const keys = { nameKey: name, nameKeys: [name], order: { name, created: name, updated: name } };
      return { ...template, _id: index.toString(16).padStart(16, '0'), name, ...keys };
    });
    await groupDocuments().insertMany(crowd);
    const user = await giveUser(test, 'everywhere@example.com');
    const memberships = crowd.map(({ _id: group }) => ({ group, source: 'import', since: new Date() }));
    await test.app.database.connection
      .collection<{ _id: string }>('users')
      .updateOne({ _id: user.id }, { $set: { memberships } });
    const { body } = await get('groups=true&kind=customer&sort=username');
    const names = crowd.slice(0, 20).map(({ name }) => name);
    expect(namesOf(body)).toEqual(
      expect.arrayContaining([
        { username: 'ada@example.com', names: ['Crew', 'Pilots'], hasMore: false },
        { username: 'everywhere@example.com', names, hasMore: true },
        { username: 'nobody@example.com', names: [], hasMore: false },
      ]),
    );
  });

  it('require groups:read', async () => {
    const service = await giveService(test, ['users:read']);
    const reader = await serviceToken(test, service, 'users:read');
    expect((await get('', reader)).status).toBe(200);
    const refused = await get('groups=true', reader);
    expect([refused.status, refused.body.code]).toEqual([403, 'insufficient_scope']);
  });

  it('are those within the admin scope', async () => {
    const scopes = new Set(['users:read', 'groups:read']);
    const limited = administratorWith(test, { id: ada.id, scopes, adminScope: [staff.id] });
    const { body } = await limited.call({
      name: 'get /v1/users',
      query: { groups: 'true', kind: 'customer', sort: 'username' },
    });
    expect(namesOf(body as { result: Listed[] })).toEqual([
      { username: 'grace@example.com', names: ['Staff'], hasMore: false },
      { username: 'periods@example.com', names: ['Staff'], hasMore: false },
    ]);
  });
});
