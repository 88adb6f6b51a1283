import * as client from 'openid-client';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { cookieHeader } from '../support/factors.ts';
import { adminToken, giveApplication, giveGroup, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { isStill } from '../support/process.ts';
import { relyingParty } from '../support/relying-party.ts';

const RACERS = 50;
const race = <T>(task: (racer: number) => Promise<T>) =>
  Promise.all(Array.from({ length: RACERS }, (_, racer) => task(racer)));
const count = (statuses: number[], status: number) => statuses.filter((s) => s === status).length;

describe('fifty at once', () => {
  let test: TestApp;
  let second: TestApp;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;

  beforeAll(async () => {
    test = await startApp();
    second = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(async () => {
    await second.app.stop();
    await test.tearDown();
  });

  // Half of the racers go to one node and half to another.
  const nodeOf = (racer: number) => (racer % 2 === 0 ? test : second).http;
  const token = (racer: number, fields: Record<string, string>) =>
    nodeOf(racer).post('/token').auth(application.id, application.secret).type('form').send(fields);

  it('redeem a code: one wins, and what it won is taken back, because somebody had a stolen code', async () => {
    const { visit, verifier } = await party.authorize({ login: 'ada@example.com' });
    const code = new URL(visit.address).searchParams.get('code')!;
    const fields = {
      grant_type: 'authorization_code',
      code,
      code_verifier: verifier,
      redirect_uri: 'https://app.example.com/callback',
    };
    const replies = await race((racer) => token(racer, fields));
    expect(
      count(
        replies.map(({ status }) => status),
        200,
      ),
    ).toBe(1);
    expect(
      count(
        replies.map(({ status }) => status),
        400,
      ),
    ).toBe(RACERS - 1);
    const winner = replies.find(({ status }) => status === 200)!;
    const userinfo = () => test.http.get('/me').set('authorization', `Bearer ${winner.body.access_token}`);
    expect(await isStill(async () => (await userinfo()).status === 200)).toBe(false);
    expect((await userinfo()).status).toBe(401);
  });

  it('send the password of one sign-in, and go on with it: nobody meets a defect', async () => {
    const { address } = await party.start();
    const browser = createPlainBrowser();
    const page = await browser.open(address.href);
    const [, path = ''] = /action="([^"]+\/login)"/.exec(page.html) ?? [];
    const cookie = cookieHeader(browser);
    const statuses = await race(async () => {
      const fields = { login: 'ada@example.com', password: PASSWORD };
      const sent = await test.http
        .post(new URL(path, test.issuer).pathname)
        .set('cookie', cookie)
        .type('form')
        .send(fields);
      if (sent.status !== 303) return sent.status;
      return (await test.http.get(new URL(sent.headers['location']!, test.issuer).pathname).set('cookie', cookie))
        .status;
    });
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(statuses).toContain(400);
  });

  it('rotate a refresh token of a public client: one replaces it, and all get the same successor', async () => {
    const redirectUri = 'https://spa.example.com/callback';
    const { id } = await giveApplication(test, { type: 'spa', redirectUri });
    const { signIn } = await relyingParty(test, { id, secret: '' });
    const { tokens } = await signIn({ login: 'ada@example.com', scope: 'openid offline_access', redirectUri });
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token!, client_id: id };
    const replies = await race((racer) => nodeOf(racer).post('/token').type('form').send(fields));
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));
    const [{ body }] = replies as [(typeof replies)[0]];
    for (const name of ['refresh_token', 'access_token', 'id_token'])
      expect(new Set(replies.map((reply) => reply.body[name] as string))).toEqual(new Set([body[name]]));
    expect(
      (
        await nodeOf(1)
          .post('/token')
          .type('form')
          .send({ ...fields, refresh_token: body.refresh_token })
      ).status,
    ).toBe(200);
  });

  it('use a refresh token of a client with a secret: all get tokens', async () => {
    const { tokens } = await party.signIn({ login: 'ada@example.com', scope: 'openid offline_access' });
    const fields = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! };
    const statuses = (await race((racer) => token(racer, fields))).map(({ status }) => status);
    expect(count(statuses, 200)).toBe(RACERS);
  });

  it('create the same username: one is created', async () => {
    const bearer = await adminToken(test);
    const replies = await race((racer) =>
      nodeOf(racer).post('/v1/users').set('authorization', `Bearer ${bearer}`).send({ username: 'Grace@Example.com' }),
    );
    const statuses = replies.map(({ status }) => status);
    expect(count(statuses, 201)).toBe(1);
    expect(count(statuses, 409)).toBe(RACERS - 1);
    expect(
      await test.app.database.connection.collection('users').countDocuments({ username: 'grace@example.com' }),
    ).toBe(1);
  });

  it('create groups whose names differ in case only: one is created', async () => {
    const bearer = await adminToken(test);
    const name = (racer: number) => (racer % 2 === 0 ? 'Pilots' : 'PILOTS');
    const statuses = (
      await race((racer) =>
        nodeOf(racer)
          .post('/v1/groups')
          .set('authorization', `Bearer ${bearer}`)
          .send({ name: name(racer) }),
      )
    ).map(({ status }) => status);
    expect(count(statuses, 201)).toBe(1);
    expect(count(statuses, 409)).toBe(RACERS - 1);
  });

  it('add the same user to a group: one membership, one audit entry', async () => {
    const bearer = await adminToken(test);
    const joan = await giveUser(test, 'joan@example.com');
    const group = await giveGroup(test, 'Crew');
    const replies = await race((racer) =>
      nodeOf(racer)
        .post(`/v1/groups/${group.id}/members`)
        .set('authorization', `Bearer ${bearer}`)
        .send({ user_ids: [joan.id] }),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array.from({ length: RACERS }, () => 200));
    expect(replies.filter(({ body }) => body.result.counts.added === 1)).toHaveLength(1);
    expect((await test.app.users.get(joan.id)).memberships).toHaveLength(1);
    const entries = await test.http
      .get('/v1/audit-events')
      .query({ action: 'group.members_added', target_id: group.id })
      .set('authorization', `Bearer ${bearer}`);
    expect(entries.body.result).toHaveLength(1);
  });

  it('remove the last two administrators: one stays', async () => {
    const bearer = await adminToken(test);
    const olive = await giveUser(test, 'olive@example.com', { kind: 'administrator' });
    const otto = await giveUser(test, 'otto@example.com', { kind: 'administrator' });
    const statuses = (
      await race((racer) =>
        nodeOf(racer)
          .delete(`/v1/users/${racer % 4 < 2 ? olive.id : otto.id}`)
          .set('authorization', `Bearer ${bearer}`),
      )
    ).map(({ status }) => status);
    expect(count(statuses, 204)).toBe(1);
    expect(statuses.filter((status) => status >= 500)).toEqual([]);
    expect(await test.app.database.connection.collection('users').countDocuments({ kind: 'administrator' })).toBe(1);
  });

  it('use the link for the first owner: one owner', async () => {
    const fresh = await startApp();
    try {
      const path = new URL(await fresh.app.bootstrap.makeLink()).pathname;
      const replies = await race((racer) =>
        fresh.http
          .post(path)
          .type('form')
          .send({ email: `owner${racer}@example.com`, password: 'Cohort#2026', password_again: 'Cohort#2026' }),
      );
      expect(
        count(
          replies.map(({ status }) => status),
          200,
        ),
      ).toBe(1);
      expect(await fresh.app.database.connection.collection('users').countDocuments()).toBe(1);
    } finally {
      await fresh.tearDown();
    }
  });

  it('start on an empty database: one set of keys', async () => {
    const first = await startApp();
    const others = await Promise.all(Array.from({ length: 4 }, () => startApp({ uri: first.uri })));
    try {
      const sets = await Promise.all(
        [first, ...others].map(async ({ http }) => JSON.stringify((await http.get('/jwks')).body)),
      );
      expect(new Set(sets).size).toBe(1);
    } finally {
      await Promise.all(others.map(({ app }) => app.stop()));
      await first.tearDown();
    }
  });

  it('guess a password: no more than the limit are tried', async () => {
    const strict = await startApp({ settings: { COHORT_SIGN_IN_ATTEMPTS: '5' } });
    try {
      await giveUser(strict, 'ada@example.com');
      const outcomes = await race(async (racer) => {
        try {
          return (
            (await strict.app.credentials.verify('ada@example.com', `Wrong#${racer}${racer}`, {
              address: '127.0.0.1',
            })) ?? 'wrong'
          );
        } catch {
          return 'limited';
        }
      });
      expect(outcomes.filter((outcome) => outcome === 'wrong')).toHaveLength(5);
      await expect(
        strict.app.credentials.verify('ada@example.com', 'Cohort#2026', { address: '127.0.0.1' }),
      ).rejects.toMatchObject({ code: 'too_many_attempts', retryAfter: expect.any(Number) });
    } finally {
      await strict.tearDown();
    }
  });

  it('are all served by either node', async () => {
    const { tokens } = await party.signIn({ login: 'ada@example.com' });
    const statuses = await race(
      async (racer) => (await nodeOf(racer).get('/me').set('authorization', `Bearer ${tokens.access_token}`)).status,
    );
    expect(new Set(statuses)).toEqual(new Set([200]));
    expect(await client.tokenIntrospection(party.config, tokens.access_token)).toMatchObject({ active: true });
  });
});
