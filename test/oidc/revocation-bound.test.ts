import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { ENDINGS, NARROW_ENDINGS, type Ending } from '../support/endings.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startRemoteApp } from '../support/remote-app.ts';

/** What a request takes at the most, on a machine with other things to do. */
const MARGIN_MS = 500;

describe('what one node ends', () => {
  let here: TestApp;
  let elsewhere: Awaited<ReturnType<typeof startRemoteApp>>;
  let admin: string;
  let application: Awaited<ReturnType<typeof giveApplication>>;
  let count = 0;
  beforeAll(async () => {
    here = await startApp();
    elsewhere = await startRemoteApp(here);
    admin = await adminToken(here);
    application = await giveApplication(here);
  });
  afterAll(async () => {
    await elsewhere.stop();
    await here.tearDown();
  });

  async function signedIn() {
    const username = `user-${(count += 1)}@example.com`;
    const user = await giveUser(here, username);
    const party = await relyingParty(here, application);
    const { tokens } = await party.signIn({ login: username, scope: 'openid groups' });
    const { http } = elsewhere.remote;
    const introspect = () =>
      http
        .post('/token/introspection')
        .auth(application.id, application.secret)
        .type('form')
        .send({ token: tokens.access_token });
    return {
      user,
      tokens,
      me: () => http.get('/me').set('authorization', `Bearer ${tokens.access_token}`),
      isActive: async () => (await introspect()).body.active as boolean,
      refresh: () =>
        http
          .post('/token')
          .auth(application.id, application.secret)
          .type('form')
          .send({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }),
    };
  }

  /** Asks until it is refused; how long that took. */
  async function untilRefused(me: () => PromiseLike<{ status: number }>): Promise<number> {
    const from = performance.now();
    while ((await me()).status === 200) {
      if (performance.now() - from > 10_000) throw new Error('It is not refused.');
      await pause(10);
    }
    return performance.now() - from;
  }

  const revoke: Ending = {
    name: 'Token revoked by the application',
    async act(node, user) {
      const { tokens } = present.get(user.id)!;
      const fields = { token: tokens.access_token };
      await node.http.post('/token/revocation').auth(application.id, application.secret).type('form').send(fields);
    },
  };
  const present = new Map<string, Awaited<ReturnType<typeof signedIn>>>();

  const withoutFactors = ENDINGS.filter(({ name }) => !/[Ff]actor|email/.test(name));

  it.each([...withoutFactors, ...NARROW_ENDINGS, revoke])(
    'is refused everywhere within a second, and never accepted again: $name',
    async ({ act }) => {
      const session = await signedIn();
      present.set(session.user.id, session);
      const { me, isActive, refresh, user } = session;
      for (let times = 0; times < 3; times += 1) expect([(await me()).status, await isActive()]).toEqual([200, true]);
      await act(here, user, admin);
      expect(await untilRefused(me)).toBeLessThan(CURRENT_MS + MARGIN_MS);
      expect((await refresh()).body.error).toBe('invalid_grant');
      for (let times = 0; times < 10; times += 1) expect([(await me()).status, await isActive()]).toEqual([401, false]);
    },
  );

  it('is refused at once by the node itself', async () => {
    const { user, tokens } = await signedIn();
    const me = () => here.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect((await me()).status).toBe(200);
    await here.app.users.disable(system, user.id);
    expect((await me()).status).toBe(401);
  });

  it('shows in claims within a second', async () => {
    const { user, me } = await signedIn();
    const crew = await giveGroup(here, `Crew ${count}`, [user.id]);
    await pause(CURRENT_MS);
    expect((await me()).body.groups).toEqual([`Crew ${count}`]);
    await here.app.groups.update(system, crew.id, { name: `Cabin ${count}` });
    await pause(CURRENT_MS);
    expect((await me()).body.groups).toEqual([`Cabin ${count}`]);
    await here.app.memberships.remove(system, crew.id, { userIds: [user.id] });
    await pause(CURRENT_MS);
    expect((await me()).body.groups).toEqual([]);
  });

  it('is refused within a second by a node that no news reaches', async () => {
    const { user, me } = await signedIn();
    expect([(await me()).status, (await me()).status]).toEqual([200, 200]);
    elsewhere.proxy.holdWhenAnswered('operationType');
    await here.app.users.disable(system, user.id);
    expect(await untilRefused(me)).toBeLessThan(CURRENT_MS + MARGIN_MS);
    elsewhere.proxy.mend();
    for (let times = 0; times < 5; times += 1) expect((await me()).status).toBe(401);
  });
});
