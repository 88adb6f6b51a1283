import { createPlainBrowser, type PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { MFA, PHR, SFA } from '../../../src/platform/assurance.ts';
import { codeOf, cookieHeader, giveTotp, keepCodes, shownSecret } from '../../support/factors.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe('a second factor', () => {
  let test: TestApp;
  let offset = 0;
  let people = 0;
  const now = () => Date.now() + offset;
  beforeAll(async () => {
    test = await startApp({ now: () => new Date(now()), settings: { COHORT_OTP_ATTEMPTS: '1000' } });
  });
  afterAll(() => test.tearDown());

  const at = (path: string) => `${test.issuer}${path}`;
  const newBrowser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  const somebody = () => giveUser(test, `somebody-${(people += 1)}@example.com`);

  async function withTotp() {
    const user = await somebody();
    return { user, ...(await giveTotp(test, user, now())) };
  }

  async function party(traits: Parameters<typeof giveApplication>[1] = {}) {
    return relyingParty(test, await giveApplication(test, traits));
  }

  /** As far as the page after the password. */
  async function toSecond(
    rp: Awaited<ReturnType<typeof party>>,
    login: string,
    parameters: Record<string, string> = {},
    browser = newBrowser(),
  ) {
    return rp.authorize({ login, parameters, browser });
  }

  /** Moves the sign-in of somebody's session into the past. */
  async function signInEarlier({ id }: { id: string }, seconds: number): Promise<number> {
    const sessions = test.app.database.connection.collection<{ payload: string }>('oidc_sessions');
    const found = await sessions.findOne({ accountId: id });
    const payload = JSON.parse(found!.payload) as { loginTs: number };
    const loginTs = payload.loginTs - seconds;
    await sessions.updateOne({ _id: found!._id }, { $set: { payload: JSON.stringify({ ...payload, loginTs }) } });
    return loginTs;
  }

  const atSecond = /name="method" value="totp"/;

  describe('of who has one', () => {
    it('is asked for after the password, and the ID token tells the truth', async () => {
      const { user, secret } = await withTotp();
      const rp = await party();
      const half = await toSecond(rp, user.username);
      expect(half.visit.html).toMatch(atSecond);
      const before = Math.floor(now() / 1000);
      const visit = await half.browser.press(half.visit, 'submit', { code: codeOf(secret, { at: now() }) });
      const tokens = await rp.redeem({ ...half, visit });
      const claims = tokens.claims()!;
      expect(claims['amr']).toEqual(['pwd', 'otp', 'mfa']);
      expect(claims['acr']).toBe(MFA);
      expect(claims['auth_time']).toBeLessThanOrEqual(before + 1);
    });

    it('is not asked for again in the same session', async () => {
      const { user, secret } = await withTotp();
      const rp = await party();
      const half = await toSecond(rp, user.username);
      await half.browser.press(half.visit, 'submit', { code: codeOf(secret, { at: now() }) });
      const again = await rp.signIn({ login: user.username, browser: half.browser });
      expect(again.idToken['amr']).toEqual(['pwd', 'otp', 'mfa']);
      expect((await half.browser.open(at('/account'))).html).toContain('My account');
    });

    it('takes a code of one step before or after, and none of two', async () => {
      const { user, secret } = await withTotp();
      const { totp } = test.app.mfa;
      // Never at the turn of a step.
      offset += 30_000 - (now() % 30_000) + 1000;
      expect(await totp.use(user.id, codeOf(secret, { at: now(), steps: -2 }))).toBe(false);
      expect(await totp.use(user.id, codeOf(secret, { at: now(), steps: 2 }))).toBe(false);
      expect(await totp.use(user.id, codeOf(secret, { at: now(), steps: 0 }))).toBe(true);
      expect(await totp.use(user.id, codeOf(secret, { at: now(), steps: 1 }))).toBe(true);
      // An older one than the last is worth nothing any more.
      expect(await totp.use(user.id, codeOf(secret, { at: now(), steps: 0 }))).toBe(false);
    });

    it('takes a code once: of fifty at once, one', async () => {
      const { user, secret } = await withTotp();
      const code = codeOf(secret, { at: now() });
      const won = await Promise.all(Array.from({ length: 50 }, () => test.app.mfa.totp.use(user.id, code)));
      expect(won.filter(Boolean)).toHaveLength(1);
    });

    it('says beside its field what is wrong, and lets try again', async () => {
      const { user, secret } = await withTotp();
      const rp = await party();
      const half = await toSecond(rp, user.username);
      const empty = await half.browser.press(half.visit, 'submit', { code: ' ' });
      expect([empty.status, empty.html.includes('Enter a code.')]).toEqual([400, true]);
      const wrong = await half.browser.press(empty, 'submit', { code: '12345x' });
      expect([wrong.status, wrong.html.includes('That code is not valid')]).toEqual([400, true]);
      const right = await half.browser.press(wrong, 'submit', { code: codeOf(secret, { at: now() }) });
      expect(right.address).toContain('code=');
    });

    it('is asked for anew with prompt=login, and auth_time is that of the password', async () => {
      const { user, secret } = await withTotp();
      const rp = await party();
      const half = await toSecond(rp, user.username);
      await half.browser.press(half.visit, 'submit', { code: codeOf(secret, { at: now() }) });
      const again = await rp.authorize({
        login: user.username,
        browser: half.browser,
        parameters: { prompt: 'login', max_age: '600' },
      });
      expect(again.visit.html).toMatch(atSecond);
      const visit = await again.browser.press(again.visit, 'submit', { code: codeOf(secret, { at: now(), steps: 1 }) });
      expect((await rp.redeem({ ...again, visit })).claims()!['amr']).toEqual(['pwd', 'otp', 'mfa']);
    });
  });

  describe('that was not proved', () => {
    async function half(): Promise<{ browser: PlainBrowser; username: string }> {
      const { user } = await withTotp();
      const { browser } = await toSecond(await party(), user.username);
      return { browser, username: user.username };
    }

    it.each([
      '/account',
      '/account/profile',
      '/account/password',
      '/account/security',
      '/account/security/totp',
      '/account/data',
      '/account/sessions',
      '/account/delete',
    ])('keeps %s shut', async (path) => {
      const { browser } = await half();
      const visit = await browser.open(at(path));
      expect(new URL(visit.address).pathname).toMatch(/^\/interaction\//);
      // A page that asks for a sign-in of just now asks for the password once more.
      expect(visit.html).toMatch(/name="method" value="totp"|id="login-submit"/);
    });

    it('keeps the forms of My Account shut', async () => {
      const { browser } = await half();
      const cookie = cookieHeader(browser);
      for (const path of ['/account/security', '/account/profile', '/account/delete']) {
        const reply = await test.http.post(path).set('cookie', cookie).type('form').send({ remove: 'totp' });
        expect([reply.status, reply.headers['location']]).toEqual([303, expect.stringContaining('/auth?')]);
      }
    });

    it('answers prompt=none with interaction_required, for every application', async () => {
      const { browser, username } = await half();
      const rp = await party();
      const { visit } = await rp.authorize({ login: username, browser, parameters: { prompt: 'none' } });
      expect(new URL(visit.address).searchParams.get('error')).toBe('interaction_required');
    });

    it('cannot be skipped by going back to the authorization, or by another form', async () => {
      const { user } = await withTotp();
      const rp = await party();
      const { browser, visit } = await toSecond(rp, user.username);
      const uid = new URL(visit.address).pathname.split('/').at(-1)!;
      for (const path of [`/auth/${uid}`, `/interaction/${uid}/consent`, `/interaction/${uid}/login`]) {
        const next = await browser.open(at(path));
        expect(next.address).not.toContain('code=');
      }
      const cookie = cookieHeader(browser);
      for (const verb of ['consent', 'login', 'with/passkey']) {
        const reply = await test.http
          .post(`/interaction/${uid}/${verb}`)
          .set('cookie', cookie)
          .type('form')
          .send({ login: user.username, password: PASSWORD });
        expect(reply.headers['location'] ?? '').not.toContain('code=');
      }
      expect((await browser.open(at('/account'))).html).toMatch(atSecond);
    });

    it('does not connect a device', async () => {
      const { user, secret } = await withTotp();
      const { id } = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
      const device = (await test.http.post('/device/auth').type('form').send({ client_id: id, scope: 'openid' })).body;
      const browser = newBrowser();
      const typed = await browser.open(at('/device'));
      const confirm = await browser.press(typed, 'submit', { user_code: device.user_code });
      const signIn = await browser.press(confirm, 'device-confirm');
      const half = await browser.press(signIn, 'login-submit', { login: user.username, password: PASSWORD });
      expect(half.html).toMatch(atSecond);
      const poll = () =>
        test.http.post('/token').type('form').send({
          grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
          device_code: device.device_code,
          client_id: id,
        });
      expect((await poll()).body.error).toBe('authorization_pending');
      const consent = await browser.press(half, 'submit', { code: codeOf(secret, { at: now() }) });
      expect((await poll()).body.error).toBe('authorization_pending');
      await browser.press(consent, 'consent-submit');
      const { body } = await poll();
      const claims = JSON.parse(Buffer.from(body.id_token.split('.')[1], 'base64url').toString());
      expect(claims).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], acr: MFA });
    });

    it('is not got around by a new password by mail', async () => {
      const { user } = await withTotp();
      const { passwordReset } = test.app;
      await passwordReset.ask({ username: user.username, address: '127.0.0.1' });
      const { linkTo } = await import('../../support/emails.ts');
      const browser = newBrowser();
      const link = await browser.open(at(await linkTo(test, user.username)));
      const next = 'Another#2027';
      await browser.press(link, 'submit', { password: next, password_again: next });
      expect((await browser.open(at('/account'))).html).toContain('login-submit');
      const rp = await party();
      const signedIn = await rp.authorize({ login: user.username, password: next, browser });
      expect(signedIn.visit.html).toMatch(atSecond);
    });
  });

  describe('that is demanded', () => {
    it('is published', async () => {
      const { body } = await test.http.get('/.well-known/openid-configuration');
      expect(body.acr_values_supported).toEqual([SFA, MFA, PHR]);
    });

    it("is nobody else's business: a password alone is sfa", async () => {
      const user = await somebody();
      const { idToken } = await (await party()).signIn({ login: user.username });
      expect(idToken).toMatchObject({ amr: ['pwd'], acr: SFA });
    });

    it('by an application is set up on the way, with recovery codes, before anything is issued', async () => {
      const user = await somebody();
      const rp = await party({ requiresSecondFactor: true });
      const start = await rp.authorize({ login: user.username });
      expect(start.visit.html).toContain('Set up MFA');
      const choice = await start.browser.open(`${start.visit.address}?with=totp`);
      const secret = shownSecret(choice);
      const wrong = await start.browser.press(choice, 'submit', { code: '000000' });
      expect([wrong.status, shownSecret(wrong)]).toEqual([400, secret]);
      const kept = await keepCodes(
        start.browser,
        await start.browser.press(wrong, 'submit', { code: codeOf(secret, { at: now() }) }),
      );
      expect(new Set(kept.codes).size).toBe(10);
      const claims = (await rp.redeem({ ...start, visit: kept.visit })).claims()!;
      expect(claims).toMatchObject({ amr: ['pwd', 'otp', 'mfa'], acr: MFA });
      expect((await test.app.mfa.factors.find(user.id)).recoveryCodes?.left).toBe(10);
    });

    it('by a group, by one above it, and by a role that a group gives, is set up too; also for My Account', async () => {
      const ada = await somebody();
      const grace = await somebody();
      const hedy = await somebody();
      const joan = await somebody();
      const strict = { requires_second_factor: true };
      const group = await giveGroup(test, `Strict ${people}`, [ada.id], [], strict);
      await giveGroup(test, `Below ${people}`, [joan.id], [], { parent_id: group.id });
      const role = await giveRole(test, `strict ${people}`, strict);
      await giveGroup(test, `Mild ${people}`, [grace.id], [role.id]);
      await giveGroup(test, `Free ${people}`, [hedy.id]);
      for (const { username } of [ada, grace, joan]) {
        const browser = newBrowser();
        const page = await browser.open(at('/account'));
        const next = await browser.press(page, 'login-submit', { login: username, password: PASSWORD });
        expect(next.html).toContain('Set up MFA');
        expect((await browser.open(at('/account/data'))).html).toContain('Set up MFA');
      }
      expect((await (await party()).signIn({ login: hedy.username })).idToken['acr']).toBe(SFA);
    });

    it('by acr_values is asked for at once in a session that has not proved it, without the password', async () => {
      const user = await somebody();
      const rp = await party();
      const { browser, idToken } = await rp.signIn({ login: user.username });
      expect(idToken['acr']).toBe(SFA);
      const { secret } = await giveTotp(test, user, now());
      const authTime = await signInEarlier(user, 600);
      const step = await rp.authorize({ login: user.username, browser, parameters: { acr_values: MFA } });
      expect(step.visit.html).toMatch(atSecond);
      const visit = await browser.press(step.visit, 'submit', { code: codeOf(secret, { at: now() }) });
      const after = (await rp.redeem({ ...step, visit })).claims()!;
      expect(after).toMatchObject({ acr: MFA, amr: ['pwd', 'otp', 'mfa'], auth_time: authTime });
      // Asked with the lesser one, the answer is the lesser one, which holds too.
      const lesser = await rp.signIn({ login: user.username, browser, parameters: { acr_values: SFA } });
      expect(lesser.idToken).toMatchObject({ acr: SFA, amr: ['pwd', 'otp', 'mfa'] });
    });

    it('by acr_values with a lesser choice is not forced on who has none', async () => {
      const user = await somebody();
      const rp = await party();
      const { idToken } = await rp.signIn({ login: user.username, parameters: { acr_values: `${MFA} ${SFA}` } });
      expect(idToken['acr']).toBe(SFA);
      const unknown = await rp.signIn({ login: user.username, parameters: { acr_values: 'urn:example:gold' } });
      expect(unknown.idToken['acr']).toBe(SFA);
    });

    it('by an essential acr claim is set up, and one that cannot be had ends in unmet_authentication_requirements', async () => {
      const user = await somebody();
      const rp = await party();
      const essential = (acr: object) => ({
        claims: JSON.stringify({ id_token: { acr: { essential: true, ...acr } } }),
      });
      const set = await rp.authorize({ login: user.username, parameters: essential({ value: MFA }) });
      expect(set.visit.html).toContain('Set up MFA');
      const phr = await rp.authorize({ login: user.username, parameters: essential({ values: [PHR] }) });
      expect(phr.visit.html).toContain('data-passkey="create"');
      const gold = await rp.authorize({ login: user.username, parameters: essential({ value: 'urn:example:gold' }) });
      expect(new URL(gold.visit.address).searchParams.get('error')).toBe('unmet_authentication_requirements');
      const plain = await rp.signIn({ login: user.username, parameters: essential({ values: [SFA] }) });
      expect(plain.idToken['acr']).toBe(SFA);
    });

    it('stays what it was at the sign-in when tokens are refreshed', async () => {
      const client = await import('openid-client');
      const user = await somebody();
      const rp = await party();
      const before = await rp.signIn({ login: user.username, scope: 'openid offline_access' });
      const { secret } = await giveTotp(test, user, now());
      const step = await rp.authorize({
        login: user.username,
        browser: before.browser,
        parameters: { acr_values: MFA },
      });
      const visit = await before.browser.press(step.visit, 'submit', { code: codeOf(secret, { at: now() }) });
      await rp.redeem({ ...step, visit });
      const refreshed = await client.refreshTokenGrant(rp.config, before.tokens.refresh_token!);
      expect(refreshed.claims()).toMatchObject({
        acr: SFA,
        amr: ['pwd'],
        auth_time: before.idToken['auth_time'],
      });
    });
  });
});
