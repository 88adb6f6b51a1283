import { system } from '../../../src/platform/actor.ts';
import { writeDeferred } from '../../../src/platform/db/deferred-writes.mongo.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { emailsTo, linkTo, noted } from '../../support/emails.ts';
import { letLimitsAge, waitOf } from '../../support/limits.ts';
import { relyingParty } from '../../support/relying-party.ts';

const SECOND = 1000;
const DAY_SECONDS = 24 * 3600;
const FREE = 3;

describe('guarding the door', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let people = 0;

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_SIGN_IN_ATTEMPTS: String(FREE) } });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());

  const browser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  async function someone() {
    people += 1;
    return giveUser(test, `user${people}@example.com`);
  }
  async function attempt(login: string, password: string, plain = browser()) {
    const signIn = await plain.open((await party.start({ parameters: { prompt: 'login' } })).address.href);
    const visit = await plain.press(signIn, 'login-submit', { login, password });
    await writeDeferred(test.app.database.connection);
    return visit;
  }
  const retryAfter = ({ headers }: { headers: Headers }) => Number(headers.get('retry-after'));
  async function failUntilHeldUp(login: string) {
    for (let i = 0; i < FREE; i += 1) expect((await attempt(login, 'Wrong#1')).status).toBe(401);
    expect((await attempt(login, 'Wrong#1')).status).toBe(429);
  }

  it('makes each further guess wait twice as long, up to a quarter of an hour', async () => {
    const { username } = await someone();
    for (let i = 0; i < FREE; i += 1) expect((await attempt(username, 'Wrong#1')).status).toBe(401);
    for (const seconds of [5, 10, 20, 40, 80, 160, 320, 640, 900, 900]) {
      const { until, attemptedAt } = (await waitOf(test, username))!;
      expect(until!.getTime() - attemptedAt.getTime()).toBe(seconds * SECOND);
      const held = await attempt(username, 'Wrong#1');
      expect(held.status).toBe(429);
      expect(retryAfter(held)).toBeGreaterThan(0);
      expect(retryAfter(held)).toBeLessThanOrEqual(seconds);
      await letLimitsAge(test, seconds);
      expect((await attempt(username, 'Wrong#1')).status).toBe(401);
    }
    await letLimitsAge(test, DAY_SECONDS);
    expect((await attempt(username, 'Wrong#1')).status).toBe(401);
    expect((await attempt(username, PASSWORD)).address).toContain('code=');
  });

  it('does not let an attempt that came too early lengthen the wait', async () => {
    const { username } = await someone();
    await failUntilHeldUp(username);
    for (let i = 0; i < 20; i += 1) await attempt(username, 'Wrong#1');
    await letLimitsAge(test, 5);
    expect((await attempt(username, PASSWORD)).address).toContain('code=');
  });

  it('holds up an account that nobody has in the same way', async () => {
    await failUntilHeldUp('nobody@example.com');
  });

  it('never keeps somebody from signing in with a device of theirs, whatever strangers try', async () => {
    const { username } = await someone();
    const own = browser();
    expect((await attempt(username, PASSWORD, own)).address).toContain('code=');
    await failUntilHeldUp(username);
    expect((await attempt(username, PASSWORD, own)).address).toContain('code=');
    expect((await attempt(username, PASSWORD)).status).toBe(429);
  });

  it('counts guesses on a known device too', async () => {
    const { username } = await someone();
    const own = browser();
    await attempt(username, PASSWORD, own);
    for (let i = 0; i < FREE; i += 1) expect((await attempt(username, 'Wrong#1', own)).status).toBe(401);
    expect((await attempt(username, PASSWORD, own)).status).toBe(429);
  });

  it('knows a device for the people who signed in with it, and for nobody else', async () => {
    const ada = await someone();
    const grace = await someone();
    const own = browser();
    await attempt(ada.username, PASSWORD, own);
    await failUntilHeldUp(grace.username);
    expect((await attempt(grace.username, PASSWORD, own)).status).toBe(429);
  });

  it('leads somebody who is held up to a new password, with which their browser is let in', async () => {
    const { username } = await someone();
    await failUntilHeldUp(username);
    const own = browser();
    const held = await attempt(username, PASSWORD, own);
    expect(held.html).toContain('Was this not you?');
    await test.http.post('/recover').type('form').send({ email: username });
    const reset = await own.open(`${test.issuer}${await linkTo(test, username)}`);
    const chosen = { password: 'Voyage#2026', password_again: 'Voyage#2026' };
    expect((await own.press(reset, 'submit', chosen)).status).toBe(200);
    await attempt(username, 'Wrong#1');
    expect((await attempt(username, 'Voyage#2026')).status).toBe(429);
    expect((await attempt(username, 'Voyage#2026', own)).address).toContain('code=');
    const subjects = (await emailsTo(test, username)).map(({ subject }) => subject);
    expect(subjects).not.toContain('New sign-in to your account');
  });

  it('is opened by an administrator', async () => {
    const { id, username } = await someone();
    const token = await adminToken(test);
    const lock = () => test.http.get(`/v1/users/${id}/lock`).set('authorization', `Bearer ${token}`);
    expect((await lock()).body).toEqual({ result: { failed_attempts: 0, locked_until: null } });
    await failUntilHeldUp(username);
    const until = Math.floor((await waitOf(test, username))!.until!.getTime() / SECOND);
    expect((await lock()).body).toEqual({ result: { failed_attempts: FREE, locked_until: until } });
    const { headers } = await lock();
    const opened = await test.http
      .delete(`/v1/users/${id}/lock`)
      .set('authorization', `Bearer ${token}`)
      .set('if-match', headers['etag']!);
    expect(opened.status).toBe(204);
    expect((await lock()).body).toEqual({ result: { failed_attempts: 0, locked_until: null } });
    expect(await noted(test, username)).toContain('user.unlocked');
    expect((await attempt(username, PASSWORD)).address).toContain('code=');
  });

  describe('an email about a new device', () => {
    const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';
    const from = (userAgent: string) => createPlainBrowser({ stopAt: [REDIRECT_URI], userAgent });
    const emails = async (username: string) =>
      (await emailsTo(test, username)).filter(({ subject }) => subject.includes('New sign-in'));

    it('is sent for a browser that was not seen before, and says what it was', async () => {
      const { username } = await someone();
      await attempt(username, PASSWORD);
      expect(await emails(username)).toEqual([]);
      const firefox = from(FIREFOX);
      await attempt(username, PASSWORD, firefox);
      await attempt(username, PASSWORD, firefox);
      const [email, ...others] = await emails(username);
      expect(others).toEqual([]);
      for (const part of [email?.text, email?.html]) {
        expect(part).toContain('Firefox, Linux');
        expect(part).toContain('127.0.0.1');
        expect(part).toContain(`${test.issuer}/recover`);
      }
    });

    it('is not sent when the cookies of a device were cleared', async () => {
      const { username } = await someone();
      await attempt(username, PASSWORD);
      await attempt(username, PASSWORD, from(FIREFOX));
      await attempt(username, PASSWORD, from(FIREFOX));
      expect(await emails(username)).toHaveLength(1);
    });

    it('is not sent for a wrong password', async () => {
      const { username } = await someone();
      await attempt(username, PASSWORD);
      await attempt(username, 'Wrong#1', from(FIREFOX));
      expect(await emails(username)).toEqual([]);
    });
  });

  it('keeps nothing of a device in the clear, and nothing of somebody who is gone', async () => {
    const { id, username } = await someone();
    const own = browser();
    await attempt(username, PASSWORD, own);
    const kept = own.cookies().find((cookie) => cookie.startsWith('cohort_device='));
    const devices = test.app.database.connection.collection('devices');
    const [device] = await devices.find({ userId: id }).toArray();
    expect(JSON.stringify(device)).not.toContain(kept?.slice('cohort_device='.length));
    await test.app.users.remove(system, id);
    expect(await devices.countDocuments({ userId: id })).toBe(0);
  });
});
