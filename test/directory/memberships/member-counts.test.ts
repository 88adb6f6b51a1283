import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

const MANY = 10_001;

describe('the numbers of members in the list of groups', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const get = (path: string) => test.http.get(path).set('authorization', `Bearer ${token}`);

  /** Users as they are stored, as far as an index wants them. */
  async function fill(groupId: string, users: number): Promise<void> {
    const memberships = [{ group: groupId, source: 'import', since: new Date() }];
    const documents = Array.from({ length: users }, (_, index) => {
      const key = `crowd-${index}`;
      return { _id: key, username: key, memberships, order: { address: key, name: key, created: key, updated: key } };
    });
    const { connection } = test.app.database;
    await connection.collection<{ _id: string }>('users').insertMany(documents);
  }

  it('are there when they are asked for, of each group, and end at 10,000', async () => {
    const few = await giveGroup(test, 'Few');
    const none = await giveGroup(test, 'None');
    const many = await giveGroup(test, 'Many');
    for (const name of ['ada', 'grace']) {
      const user = await giveUser(test, `${name}@example.com`);
      await test.http
        .post(`/v1/groups/${few.id}/members`)
        .set('authorization', `Bearer ${token}`)
        .send({ user_ids: [user.id] });
    }
    await fill(many.id, MANY);
    const { body } = await get('/v1/groups?member_counts=true&sort=name');
    const counts = Object.fromEntries(
      (body.result as { name: string; member_count: object }[]).map((group) => [group.name, group.member_count]),
    );
    expect(counts).toMatchObject({
      Few: { value: 2, relation: 'exact' },
      None: { value: 0, relation: 'exact' },
      Many: { value: 10_000, relation: 'at_least' },
    });
    const page = await get('/v1/groups?member_counts=true&sort=name&limit=1');
    expect(page.body.result).toMatchObject([{ name: 'Few', member_count: { value: 2 } }]);
    expect((await get('/v1/groups?name=nowhere&member_counts=true')).body.result).toEqual([]);
    const { body: plain } = await get('/v1/groups');
    expect((plain.result as object[]).filter((group) => 'member_count' in group)).toEqual([]);
    expect((await get(`/v1/groups/${none.id}`)).body.result).not.toHaveProperty('member_count');
    expect((await get('/v1/groups?member_counts=perhaps')).status).toBe(400);
  });
});
