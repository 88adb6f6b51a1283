import { setTimeout as pause } from 'node:timers/promises';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { adminToken, giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp } from '../support/app.ts';
import type { TestApp } from '../support/app.ts';
import { giveToldApplication, type ToldApplication } from '../support/logout-receiver.ts';
import { relyingParty } from '../support/relying-party.ts';

const MINUTE = 60_000;

describe('an application that wants to know is told that a session ended', () => {
  let test: TestApp;
  let second: TestApp;
  let bearer: string;
  let planner: ToldApplication;
  let diary: ToldApplication;
  let quiet: { id: string; secret: string };
  let offset = 0;
  const now = () => new Date(Date.now() + offset);

  beforeAll(async () => {
    test = await startApp({ now });
    second = await startApp({ now, uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    bearer = await adminToken(test);
    planner = await giveToldApplication(test, 'Planner');
    diary = await giveToldApplication(test, 'Diary');
    quiet = await giveApplication(test, { name: 'Quiet' });
  });
  afterAll(async () => {
    planner.stop();
    diary.stop();
    await second.app.stop();
    await test.tearDown();
  });
  beforeEach(async () => {
    offset = 0;
    for (const each of [planner, diary]) each.told.length = each.answers.length = 0;
    await notices().deleteMany({});
  });

  const notices = () => test.app.database.connection.collection('logout_notices');
  const api = (method: 'post' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${bearer}`).send(body);
  const deliver = async ({ app }: TestApp = test) => {
    const tasks = app.modules.flatMap((module) => module.tasks ?? []);
    await tasks.find(({ name }) => name === 'deliver-logouts')!.run(new AbortController().signal);
  };
  const tokenOf = (application: ToldApplication, { idToken }: { idToken: Record<string, unknown> }) =>
    expect.objectContaining({ aud: application.id, sub: idToken['sub'], sid: idToken['sid'] });

  let people = 0;
  const newUser = () => giveUser(test, `user${(people += 1)}@example.com`);

  /** Somebody who is signed in to the applications, all in one browser. */
  async function signIn({ username }: { username: string }, ...applications: { id: string; secret: string }[]) {
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const signedIn: { idToken: Record<string, unknown> }[] = [];
    for (const application of applications) {
      const party = await relyingParty(test, application);
      signedIn.push(await party.signIn({ login: username, browser }));
    }
    return { browser, signedIn };
  }

  /** Presses something on a page of My Account. */
  async function inMyAccount(browser: ReturnType<typeof createPlainBrowser>, page: string, fields = {}) {
    const path = `/account/${page}`;
    const reply = await test.http
      .post(path)
      .set({ cookie: browser.cookies().join('; '), origin: test.issuer })
      .type('form')
      .send(fields);
    expect(reply.headers['location']).toContain(`${path}?done=`);
  }

  const ways: Record<string, (id: string) => Promise<unknown>> = {
    'an administrator signs somebody out everywhere': (id) => api('delete', `/v1/users/${id}/sessions`),
    'an administrator disables somebody': (id) => api('post', `/v1/users/${id}/disable`),
    'an administrator deletes somebody': (id) => api('delete', `/v1/users/${id}`),
    'an administrator sets a password': (id) =>
      api('put', `/v1/users/${id}/password`, { temporary_password: 'Another#2027' }),
    'somebody chooses a new password by a link': (id) =>
      test.app.credentials
        .prepare('Another#2027', 'person@example.com', '#/password')
        .then((hash) => test.app.credentials.replace(system, id, { hash, temporary: false })),
    'sessions of many end': (id) => test.app.users.endSessionsOfMany(system, [id]),
    'many are disabled': (id) => test.app.users.disableMany(system, [id]),
  };

  it.each(Object.entries(ways))('when %s', async (_name, end) => {
    const ada = await newUser();
    const { signedIn } = await signIn(ada, planner, diary, quiet);
    const other = await signIn(ada, planner);
    await end(ada.id);
    expect(planner.told).toEqual([]);
    await deliver();
    expect(planner.told).toHaveLength(2);
    expect(planner.told).toEqual(
      expect.arrayContaining([tokenOf(planner, signedIn[0]!), tokenOf(planner, other.signedIn[0]!)]),
    );
    expect(diary.told).toEqual([tokenOf(diary, signedIn[1]!)]);
    expect(await notices().countDocuments()).toBe(0);
  });

  it('when an administrator ends one session, of that one alone', async () => {
    const ada = await newUser();
    await signIn(ada, planner);
    const { signedIn } = await signIn(ada, planner);
    const list = await test.http.get(`/v1/users/${ada.id}/sessions`).set('authorization', `Bearer ${bearer}`);
    await api('delete', `/v1/users/${ada.id}/sessions/${list.body.result[0].session_id}`);
    await deliver();
    expect(planner.told).toEqual([tokenOf(planner, signedIn[0]!)]);
  });

  it('when somebody is disconnected from it, and no other application', async () => {
    const ada = await newUser();
    const { signedIn } = await signIn(ada, planner, diary);
    expect((await api('delete', `/v1/users/${ada.id}/applications/${planner.id}`)).status).toBe(204);
    await deliver();
    expect(planner.told).toEqual([tokenOf(planner, signedIn[0]!)]);
    expect(diary.told).toEqual([]);
  });

  it('when somebody does any of it in My Account', async () => {
    const ada = await newUser();
    const { browser, signedIn } = await signIn(ada, planner);
    const open = async () => tokenOf(planner, (await signIn(ada, planner)).signedIn[0]!);
    const expected = [await open()];
    const page = await browser.open(`${test.issuer}/account/sessions`);
    const [, session = ''] = /name="session" value="([^"]+)"/.exec(page.html) ?? [];
    await inMyAccount(browser, 'sessions', { session });
    expected.push(await open());
    await inMyAccount(browser, 'sessions');
    expected.push(await open());
    const password = { current: PASSWORD, password: 'Another#2027', password_again: 'Another#2027' };
    await inMyAccount(browser, 'password', password);
    await deliver();
    expect(planner.told).toEqual(expected);
    await inMyAccount(browser, 'applications', { application: planner.id });
    await deliver();
    expect(planner.told).toEqual([...expected, tokenOf(planner, signedIn[0]!)]);
  });

  it('again, with another token, when it could not take it, but not for ever', async () => {
    const ada = await newUser();
    await signIn(ada, planner);
    planner.answers.push(
      (res) => res.writeHead(500).end(),
      (res) => res.destroy(),
    );
    await api('delete', `/v1/users/${ada.id}/sessions`);
    await deliver();
    await deliver();
    expect(planner.told).toHaveLength(1);
    offset += MINUTE;
    await deliver();
    offset += MINUTE;
    await deliver();
    await deliver();
    expect(planner.told).toHaveLength(3);
    expect(new Set(planner.told.map(({ jti }) => jti)).size).toBe(3);
    expect(await notices().countDocuments()).toBe(0);

    await signIn(ada, planner);
    await api('delete', `/v1/users/${ada.id}/sessions`);
    for (let attempt = 0; attempt < 10; attempt += 1) {
      planner.answers.push((res) => res.writeHead(400).end());
      await deliver();
      offset += 6 * MINUTE;
    }
    expect(planner.told).toHaveLength(3 + 6);
    expect(await notices().countDocuments()).toBe(0);
  });

  it('again too when it could not take it while somebody signed out', async () => {
    const { browser, signedIn } = await signIn(await newUser(), planner);
    planner.answers.push((res) => res.writeHead(500).end());
    await browser.press(await browser.open(`${test.issuer}/session/end`), 'logout-yes');
    while ((await notices().countDocuments()) === 0) await pause(10);
    await deliver();
    expect(planner.told).toEqual([tokenOf(planner, signedIn[0]!), tokenOf(planner, signedIn[0]!)]);
  });

  it('while another one does not answer', async () => {
    const ada = await newUser();
    await signIn(ada, planner, diary);
    let isHanging = true;
    planner.answers.push((res) => void res.on('close', () => (isHanging = false)));
    await api('delete', `/v1/users/${ada.id}/sessions`);
    let wasHanging = false;
    diary.answers.push((res) => {
      wasHanging = isHanging;
      res.end();
    });
    await deliver();
    expect(wasHanging).toBe(true);
    expect([planner.told.length, diary.told.length]).toEqual([1, 1]);
    expect(await notices().find().toArray()).toMatchObject([{ clientId: planner.id, attempt: 1 }]);
  });

  it('once, when two nodes do it at the same time', async () => {
    const everybody = await Promise.all(Array.from({ length: 20 }, newUser));
    for (const user of everybody) await signIn(user, planner);
    const ids = everybody.map(({ id }) => id);
    await test.app.users.endSessionsOfMany(system, ids);
    await Promise.all([deliver(), deliver(second)]);
    expect(planner.told.map(({ sub }) => sub).sort()).toEqual(ids.sort());
  });

  it('by another node, when the first one died with it in hand', async () => {
    const ada = await newUser();
    await signIn(ada, planner);
    await api('delete', `/v1/users/${ada.id}/sessions`);
    const store = test.app.database.connection.collection('logout_notices');
    await store.updateOne({}, { $set: { dueAt: new Date(Date.now() + MINUTE), attempt: 1 } });
    await deliver(second);
    expect(planner.told).toEqual([]);
    offset += 2 * MINUTE;
    await deliver(second);
    expect(planner.told).toHaveLength(1);
  });

  it('but not of a change that was rolled back', async () => {
    const ada = await newUser();
    await signIn(ada, planner);
    const refused = test.app.database.transact(async () => {
      await test.app.users.endSessionsOfMany(system, [ada.id]);
      await test.app.users.disable(system, ada.id);
      throw new Error('The change was refused.');
    });
    await expect(refused).rejects.toThrow('refused');
    expect(await notices().countDocuments()).toBe(0);
    await deliver();
    expect(planner.told).toEqual([]);
  });

  it('but not when it has said meanwhile that it wants to be told no more', async () => {
    const ada = await newUser();
    const former = await giveToldApplication(test, 'Former');
    await signIn(ada, former);
    await api('delete', `/v1/users/${ada.id}/sessions`);
    await test.app.applications.update(system, former.id, { backchannel_logout_uri: null });
    await deliver();
    expect(former.told).toEqual([]);
    expect(await notices().countDocuments()).toBe(0);
    former.stop();
  });

  it('but not where back-channel logout is off', async () => {
    const off = await startApp({ settings: { COHORT_BACKCHANNEL_LOGOUT: 'off' } });
    const told = await giveToldApplication(off, 'Told');
    try {
      const ada = await giveUser(off, 'ada@example.com');
      await (await relyingParty(off, told)).signIn({ login: 'ada@example.com' });
      await off.app.users.endSessionsOfMany(system, [ada.id]);
      expect(await off.app.database.connection.collection('logout_notices').countDocuments()).toBe(0);
    } finally {
      told.stop();
      await off.tearDown();
    }
  });
});
