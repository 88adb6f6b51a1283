import Koa from 'koa';
import supertest from 'supertest';
import { takeReadableBodiesOnly } from '../../src/oidc/provider/readable-bodies.ts';
import { repeatedRequests } from '../../src/oidc/provider/repeated-requests.ts';
import { restOn, restOnDatabase } from '../../src/platform/basis.ts';
import { adminToken, giveApplication, giveGroup, giveRole, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('a request that is repeated', () => {
  let time: number;
  let holds: boolean;
  let answer: (ctx: Koa.Context) => void;
  let made: number;
  let http: ReturnType<typeof supertest>;
  beforeEach(() => {
    time = Date.UTC(2026, 10, 30);
    holds = true;
    made = 0;
    answer = (ctx) => {
      ctx.set('Cache-Control', 'no-store');
      ctx.body = { made };
    };
    const koa = new Koa();
    koa.silent = true;
    koa.use(takeReadableBodiesOnly);
    koa.use(repeatedRequests({ now: () => new Date(time), unusualHeaders: ['Client-Cert'] }));
    koa.use((ctx) => {
      made += 1;
      restOn(() => holds);
      answer(ctx);
    });
    http = supertest(koa.callback());
  });

  const me = (headers: Record<string, string> = {}) => http.get('/me').set({ authorization: 'Bearer a', ...headers });
  const introspect = (token: string, headers: Record<string, string> = {}) =>
    http
      .post('/token/introspection')
      .type('form')
      .set({ authorization: 'Basic YTpi', ...headers })
      .send({ token });

  async function repeat(times: number, ask: () => supertest.Test): Promise<supertest.Response> {
    let reply!: supertest.Response;
    for (let time = 0; time < times; time += 1) reply = await ask();
    return reply;
  }

  it('gets the answer that was made for the second of its kind, with its headers', async () => {
    const { status, body, headers } = await repeat(5, () => me());
    expect([status, body, made]).toEqual([200, { made: 2 }, 2]);
    expect(headers).toMatchObject({
      'cache-control': 'no-store',
      'content-type': 'application/json; charset=utf-8',
      'content-length': '10',
    });
    expect((await repeat(5, () => introspect('a'))).body).toEqual({ made: 4 });
  });

  it('leaves a connection usable whose body nobody else has read', async () => {
    const server = new Koa().use(takeReadableBodiesOnly).use(
      repeatedRequests({
        now: () => new Date(),
        unusualHeaders: [],
      }),
    );
    server.use((ctx) => {
      restOn(() => true);
      ctx.body = { active: true };
    });
    const listening = server.listen(0, '127.0.0.1');
    try {
      const agent = supertest.agent(listening).set('connection', 'keep-alive');
      for (let times = 0; times < 20; times += 1) {
        const reply = await agent
          .post('/token/introspection')
          .type('form')
          .send({ token: 'x'.repeat(2000) });
        expect([reply.status, reply.body]).toEqual([200, { active: true }]);
      }
    } finally {
      listening.close();
    }
  });

  it.each([
    ['of another token', () => me({ authorization: 'Bearer b' })],
    ['that accepts another type', () => me({ accept: 'application/jwt' })],
    ['with a query', () => http.get('/me?scope=openid').set('authorization', 'Bearer a')],
    ['of another method', () => http.post('/me').set('authorization', 'Bearer a')],
    ['from another origin', () => me({ origin: 'https://app.example.com' })],
    ['with a proof of possession', () => me({ dpop: 'proof' })],
    ['with a certificate', () => me({ 'client-cert': ':AAAA:' })],
  ])('is not one %s', async (_which, other) => {
    await repeat(3, () => me());
    await other();
    expect(made).toBe(3);
  });

  it.each([
    ['another origin', () => me({ origin: 'https://app.example.com' })],
    ['a proof of possession', () => me({ dpop: 'proof' })],
    ['a certificate', () => me({ 'client-cert': ':AAAA:' })],
  ])('gets a new answer each time with %s', async (_what, ask) => {
    await repeat(4, ask);
    expect(made).toBe(4);
  });

  it('tells tokens apart that are sent in the body, and who asks', async () => {
    await repeat(3, () => introspect('a'));
    await introspect('b');
    await introspect('a', { authorization: 'Basic YTpj' });
    expect(made).toBe(4);
  });

  it('gets a new answer as soon as anything has changed that the answer was made from', async () => {
    await repeat(3, () => me());
    holds = false;
    expect((await me()).body).toEqual({ made: 3 });
    expect((await me()).body).toEqual({ made: 4 });
  });

  it('gets a new answer after a second, and when the clock was put back', async () => {
    await repeat(3, () => me());
    time += 600;
    await me();
    time += 600;
    expect((await me()).body).toEqual({ made: 3 });
    time -= 3600_000;
    expect((await me()).body).toEqual({ made: 4 });
  });

  it('gets a new answer each time when the last one was made with the database, or is none that succeeded', async () => {
    answer = (ctx) => {
      restOnDatabase();
      ctx.body = {};
    };
    await repeat(4, () => me());
    expect(made).toBe(4);
    answer = (ctx) => {
      ctx.status = 401;
      ctx.body = { error: 'invalid_token' };
    };
    await repeat(4, () => me());
    expect(made).toBe(8);
  });

  it('is forgotten when others take up the room, which is bounded', async () => {
    answer = (ctx) => {
      ctx.body = { groups: ['x'.repeat(1_000_000)] };
    };
    await repeat(3, () => me());
    expect(made).toBe(2);
    for (let other = 0; other < 20; other += 1) await repeat(2, () => me({ authorization: `Bearer ${other}` }));
    await me();
    expect(made).toBe(43);
  });
});

describe('userinfo and introspection, asked again and again', () => {
  let test: TestApp;
  let admin: string;
  let now = new Date();
  let count = 0;
  beforeAll(async () => {
    test = await startApp({ now: () => now });
    admin = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  async function call(method: 'delete' | 'patch' | 'post' | 'put', path: string, body: object = {}) {
    const reply = await test.http[method](path).set('authorization', `Bearer ${admin}`).send(body);
    expect(reply).toMatchObject({ error: false });
    return reply;
  }

  async function signedIn() {
    count += 1;
    const username = `user-${count}@example.com`;
    const user = await giveUser(test, username, { firstName: 'Ada' });
    const role = await giveRole(test, `pilot-${count}`);
    const staff = await giveGroup(test, `Staff ${count}`, []);
    const crew = await giveGroup(test, `Crew ${count}`, [user.id], [role.id], { parent_id: staff.id });
    const application = await giveApplication(test);
    const party = await relyingParty(test, application);
    const { tokens } = await party.signIn({ login: username, scope: 'openid profile email groups roles' });
    const me = async () => {
      const reply = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
      return reply.status === 200 ? (reply.body as Record<string, unknown>) : reply.status;
    };
    const introspect = async () => {
      const reply = await test.http
        .post('/token/introspection')
        .auth(application.id, application.secret)
        .type('form')
        .send({ token: tokens.access_token });
      return reply.status === 200 ? (reply.body as Record<string, unknown>) : reply.status;
    };
    return { user, role, staff, crew, application, tokens, me, introspect };
  }

  type Situation = Awaited<ReturnType<typeof signedIn>>;
  const REFUSED = [401, { active: false }];

  const changes: [name: string, change: (situation: Situation) => Promise<unknown>, after: (n: number) => unknown[]][] =
    [
      [
        'a group is renamed',
        ({ crew }) => call('patch', `/v1/groups/${crew.id}`, { name: `Cabin ${count}` }),
        (n) => [{ groups: [`Cabin ${n}`, `Staff ${n}`] }, { groups: [`Cabin ${n}`, `Staff ${n}`] }],
      ],
      [
        'a parent group is renamed',
        ({ staff }) => call('patch', `/v1/groups/${staff.id}`, { name: `People ${count}` }),
        (n) => [{ groups: [`Crew ${n}`, `People ${n}`] }, { groups: [`Crew ${n}`, `People ${n}`] }],
      ],
      [
        'the group is deleted',
        ({ crew }) => call('delete', `/v1/groups/${crew.id}`),
        () => [
          { groups: [], roles: [] },
          { groups: [], roles: [] },
        ],
      ],
      [
        'the membership ends',
        ({ crew, user }) => call('delete', `/v1/groups/${crew.id}/members/${user.id}`),
        () => [
          { groups: [], roles: [] },
          { groups: [], roles: [] },
        ],
      ],
      [
        'a membership begins',
        async ({ user }) => giveGroup(test, `Board ${count}`, [user.id]),
        (n) => [
          { groups: [`Board ${n}`, `Crew ${n}`, `Staff ${n}`] },
          { groups: [`Board ${n}`, `Crew ${n}`, `Staff ${n}`] },
        ],
      ],
      [
        'a role is renamed',
        ({ role }) => call('patch', `/v1/roles/${role.id}`, { name: `captain-${count}` }),
        (n) => [{ roles: [`captain-${n}`] }, { roles: [`captain-${n}`] }],
      ],
      [
        'the group loses its role',
        ({ crew }) => call('patch', `/v1/groups/${crew.id}`, { role_ids: [] }),
        () => [{ roles: [] }, { roles: [] }],
      ],
      [
        'the user has another name',
        ({ user }) => call('patch', `/v1/users/${user.id}`, { first_name: 'Grace' }),
        () => [{ given_name: 'Grace' }, { active: true }],
      ],
      [
        'the claim policy names the claim otherwise',
        ({ application }) =>
          call('put', `/v1/applications/${application.id}/claim-policy`, {
            claim: 'teams',
            tokens: ['userinfo', 'introspection'],
          }),
        (n) => [{ teams: [`Crew ${n}`, `Staff ${n}`] }, { teams: [`Crew ${n}`, `Staff ${n}`] }],
      ],
      [
        'the application is for others',
        async ({ application }) => {
          const { id } = await giveGroup(test, `Others ${count}`);
          await call('put', `/v1/applications/${application.id}/access`, { access: 'groups', group_ids: [id] });
        },
        () => REFUSED,
      ],
      ['the user is disabled', ({ user }) => call('post', `/v1/users/${user.id}/disable`), () => REFUSED],
      ['the user is deleted', ({ user }) => call('delete', `/v1/users/${user.id}`), () => REFUSED],
      ['the sessions of the user end', ({ user }) => call('delete', `/v1/users/${user.id}/sessions`), () => REFUSED],
      [
        'the application revokes the token',
        ({ application, tokens }) =>
          test.http
            .post('/token/revocation')
            .auth(application.id, application.secret)
            .type('form')
            .send({ token: tokens.access_token }),
        () => REFUSED,
      ],
      [
        'the application has another secret',
        ({ application }) => call('post', `/v1/applications/${application.id}/secret`),
        () => [{ given_name: 'Ada' }, 401],
      ],
      [
        'the application is deleted',
        ({ application }) => call('delete', `/v1/applications/${application.id}`),
        () => [401, 401],
      ],
    ];

  it.each(changes)('tell at once that %s', async (_name, change, after) => {
    const situation = await signedIn();
    const { me, introspect } = situation;
    const n = count;
    for (let times = 0; times < 4; times += 1) {
      expect(await me()).toMatchObject({ groups: [`Crew ${n}`, `Staff ${n}`] });
      expect(await introspect()).toMatchObject({ active: true, groups: [`Crew ${n}`, `Staff ${n}`] });
    }
    await change(situation);
    const [told, introspected] = after(n);
    for (let times = 0; times < 4; times += 1)
      expect([await me(), await introspect()]).toEqual([matching(told), matching(introspected)]);
  });

  const matching = (expected: unknown): unknown =>
    typeof expected === 'object' && expected !== null ? expect.objectContaining(expected) : expected;

  it('are not worked out again as long as nothing changes', async () => {
    const { me, introspect } = await signedIn();
    const source = test.app.modules.find(({ name }) => name === 'memberships')!.claimSources![0]!;
    const { read } = source;
    let reads = 0;
    source.read = (request) => {
      reads += 1;
      return read(request);
    };
    for (let times = 0; times < 10; times += 1) await me();
    for (let times = 0; times < 10; times += 1) await introspect();
    source.read = read;
    // The first two of each, and those that found something missing in memory.
    expect(reads).toBeLessThanOrEqual(6);
  });

  it('tell that a membership has ended by itself', async () => {
    const { user, me, introspect } = await signedIn();
    const { id } = await giveGroup(test, `Guests ${count}`);
    const until = Math.floor(now.getTime() / 1000) + 600;
    await call('post', `/v1/groups/${id}/members`, { user_ids: [user.id], until });
    const groups = [`Crew ${count}`, `Guests ${count}`, `Staff ${count}`];
    for (let times = 0; times < 4; times += 1) {
      expect(await me()).toMatchObject({ groups });
      expect(await introspect()).toMatchObject({ groups });
    }
    now = new Date(now.getTime() + 600_000);
    expect(await me()).toMatchObject({ groups: [`Crew ${count}`, `Staff ${count}`] });
    expect(await introspect()).toMatchObject({ groups: [`Crew ${count}`, `Staff ${count}`] });
  });
});
