import { setTimeout as pause } from 'node:timers/promises';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveRole,
  giveUser,
  startApp,
  type TestApp,
} from '../../support/app.ts';

const BOUND_MS = 1000;

describe('who has the state of a thing', () => {
  let test: TestApp;
  let elsewhere: TestApp;
  let token: string;
  let tokenElsewhere: string;
  let count = 0;
  beforeAll(async () => {
    test = await startApp();
    elsewhere = await startApp({ uri: test.uri });
    token = await adminToken(test);
    tokenElsewhere = await adminToken(elsewhere);
  });
  afterAll(async () => {
    await elsewhere.app.stop();
    await test.tearDown();
  });

  const api = (
    method: 'get' | 'head' | 'patch' | 'delete',
    path: string,
    headers: Record<string, string> = {},
    body?: object,
  ) =>
    test.http[method](path)
      .set({ authorization: `Bearer ${token}`, ...headers })
      .send(body);

  const etagOf = async (path: string): Promise<string> => String((await api('get', path)).headers['etag']);

  /** How often the endpoint at this path makes a reply. */
  function countReplies(path: string): { made: number } {
    const endpoint = test.app.modules
      .flatMap(({ endpoints = [] }) => endpoints)
      .find((each) => each.method === 'get' && each.path === path)!;
    const counted = { made: 0 };
    const { handle } = endpoint;
    endpoint.handle = (input) => {
      counted.made += 1;
      return handle(input);
    };
    return counted;
  }

  const kinds: [kind: string, path: string, give: () => Promise<{ id: string }>, change: object][] = [
    ['a group', '/v1/groups/{group_id}', () => giveGroup(test, `Group ${count}`), { description: 'Another' }],
    ['a role', '/v1/roles/{role_id}', () => giveRole(test, `role-${count}`), { description: 'Another' }],
    ['a user', '/v1/users/{user_id}', () => giveUser(test, `user-${count}@example.com`), { first_name: 'Grace' }],
    ['an application', '/v1/applications/{client_id}', () => giveApplication(test), { description: 'Another' }],
  ];

  describe.each(kinds)('of %s', (_kind, pattern, give, change) => {
    let path: string;
    let etag: string;
    let counted: { made: number };
    beforeEach(async () => {
      count += 1;
      path = pattern.replace(/\{\w+\}/, (await give()).id);
      etag = await etagOf(path);
      counted = countReplies(pattern);
      await fromMemory(ask);
      counted.made = 0;
    });

    const ask = (headers: Record<string, string> = {}) => api('get', path, { 'if-none-match': etag, ...headers });

    it('is told that it is unchanged, without a reply being made', async () => {
      for (const tag of [etag, `W/${etag}`, `"other", ${etag}`]) {
        const { status, text, headers } = await fromMemory(() => ask({ 'if-none-match': tag }));
        expect([status, text]).toEqual([304, '']);
        expect(headers).toMatchObject({ etag, 'cache-control': 'private, no-cache' });
      }
    });

    it('is told the same when it asks for the head alone', async () => {
      const head = await api('head', path, { 'if-none-match': etag });
      expect([head.status, head.headers['etag']]).toEqual([304, etag]);
      expect((await api('head', path, { 'if-none-match': '"other"' })).status).toBe(200);
      expect((await api('head', '/v1/groups', { 'if-none-match': await etagOf('/v1/groups') })).status).toBe(304);
    });

    /** The first response for which no reply is made: memory does not count while the change feed is late. */
    async function fromMemory(request: () => ReturnType<typeof api>): Promise<Awaited<ReturnType<typeof api>>> {
      for (let times = 0; times < 20; times += 1) {
        const { made } = counted;
        const response = await request();
        if (counted.made === made) return response;
      }
      throw new Error('A reply is made each time.');
    }

    it('gets another at once', async () => {
      const changed = await api('patch', path, {}, change);
      expect(changed.status).toBe(200);
      const { status, headers, body } = await ask();
      expect([status, body.result]).toEqual([200, expect.objectContaining(change)]);
      expect(headers['etag']).toBe(changed.headers['etag']);
    });

    it('gets another within a second of what is done elsewhere', async () => {
      const changed = await elsewhere.http.patch(path).set('authorization', `Bearer ${tokenElsewhere}`).send(change);
      expect(changed.status).toBe(200);
      await pause(BOUND_MS);
      expect((await ask()).body.result).toMatchObject(change);
    });

    it('is told of its end', async () => {
      expect((await api('delete', path)).status).toBe(204);
      expect((await ask()).status).toBe(404);
    });

    it('has it compared with the database on demand', async () => {
      expect((await ask({ 'cache-control': 'max-age=0, no-cache' })).status).toBe(200);
      expect((await ask({ 'if-none-match': '"other"' })).status).toBe(200);
      expect(counted.made).toBe(2);
    });

    it('needs the right to read it', async () => {
      expect((await test.http.get(path).set('if-none-match', etag)).status).toBe(401);
    });
  });
});
