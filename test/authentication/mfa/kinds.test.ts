import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { MFA, SFA } from '../../../src/platform/assurance.ts';
import { themselves } from '../../../src/platform/actor.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { codeOf, cookieHeader, giveTotp, keepCodes } from '../../support/factors.ts';
import {
  giveApplication,
  giveUser,
  ownSession,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { emailsTo, noted } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

type Party = Awaited<ReturnType<typeof relyingParty>>;

const DAY_MS = 24 * 3600_000;

describe('a second factor of another kind', () => {
  let test: TestApp;
  let party: Party;
  let offset = 0;
  let people = 0;
  const now = () => Date.now() + offset;
  beforeAll(async () => {
    const settings = { COHORT_EMAIL_OTP: 'on', COHORT_TRUSTED_DEVICE_DAYS: '7' };
    test = await startApp({ now: () => new Date(now()), settings });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const at = (path: string) => `${test.issuer}${path}`;
  const newBrowser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  const somebody = () => giveUser(test, `somebody-${(people += 1)}@example.com`);
  const held = ({ id }: User) => test.app.mfa.factors.find(id);

  async function withTotp() {
    const user = await somebody();
    return { user, ...(await giveTotp(test, user, now())) };
  }

  async function half(user: User, { rp = party, browser = newBrowser(), parameters = {} } = {}) {
    return rp.authorize({ login: user.username, browser, parameters });
  }

  async function subjectsTo({ username }: User): Promise<string[]> {
    return (await emailsTo(test, username)).map(({ subject }) => subject);
  }

  describe('recovery codes', () => {
    it('come ten at once with the first factor, and are stored hashed', async () => {
      const { user, recoveryCodes } = await withTotp();
      expect(recoveryCodes).toHaveLength(10);
      for (const code of recoveryCodes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
      const stored = await test.app.database.connection
        .collection<{ _id: string }>('factors')
        .findOne({ _id: user.id });
      expect(JSON.stringify(stored)).not.toContain(recoveryCodes[0]!.slice(0, 9));
    });

    it('let in once, however they are typed, and tell by email how many are left', async () => {
      const { user, recoveryCodes } = await withTotp();
      const [code = ''] = recoveryCodes;
      const start = await half(user);
      const page = await start.browser.open(`${start.visit.address}?with=recovery`);
      const typed = ` ${code.toUpperCase().replaceAll('-', ' ')} `;
      const visit = await start.browser.press(page, 'submit', { code: typed });
      expect((await party.redeem({ ...start, visit })).claims()).toMatchObject({
        amr: ['pwd', 'otp', 'mfa'],
        acr: MFA,
      });
      const [email] = await emailsTo(test, user.username);
      expect([email?.subject, email?.text.includes('Recovery codes left: 9')]).toEqual(['Recovery code used', true]);
      expect(await noted(test, user.username)).toContain('mfa.recovery_code_used');
      const again = await half(user);
      const same = await again.browser.open(`${again.visit.address}?with=recovery`);
      const refused = await again.browser.press(same, 'submit', { code });
      expect([refused.status, refused.html.includes('not valid or was already used')]).toEqual([400, true]);
    });

    it('work for one of fifty at once', async () => {
      const { user, recoveryCodes } = await withTotp();
      const use = () => test.app.mfa.recoveryCodes.use(user.id, recoveryCodes[0]!);
      const left = await Promise.all(Array.from({ length: 50 }, use));
      expect(left.filter((number) => number !== undefined)).toEqual([9]);
      expect((await held(user)).recoveryCodes?.left).toBe(9);
    });

    it('are made anew in My Account, and the old ones end', async () => {
      const { user, secret, recoveryCodes } = await withTotp();
      const browser = newBrowser();
      const start = await browser.press(await browser.open(at('/account/security')), 'login-submit', {
        login: user.username,
        password: PASSWORD,
      });
      const page = await browser.press(start, 'submit', { code: codeOf(secret, { at: now() }) });
      const { codes, visit } = await keepCodes(browser, await browser.press(page, 'renew'));
      expect(visit.html).toContain('New recovery codes created.');
      expect(codes).toHaveLength(10);
      expect(codes.some((code) => recoveryCodes.includes(code))).toBe(false);
      const again = await half(user);
      const typed = await again.browser.open(`${again.visit.address}?with=recovery`);
      expect((await again.browser.press(typed, 'submit', { code: recoveryCodes[3]! })).status).toBe(400);
      expect((await again.browser.press(typed, 'submit', { code: codes[3]! })).address).toContain('code=');
      expect(await subjectsTo(user)).toContain('New recovery codes created');
    });

    it('go with the last factor', async () => {
      const { user } = await withTotp();
      await test.app.mfa.factors.remove(themselves(user), user, 'totp', 'none');
      expect(await held(user)).toEqual({ passkeys: [] });
      expect(await subjectsTo(user)).toContain('Sign-in method removed');
    });
  });

  describe('codes by email', () => {
    let strict: Party;
    beforeAll(async () => {
      strict = await relyingParty(test, await giveApplication(test, { requiresSecondFactor: true }));
    });

    const codeIn = async ({ username }: User) => {
      const [email] = await emailsTo(test, username);
      return /\n(\d{6})\n/.exec(email?.text ?? '')?.[1] ?? '';
    };

    it('will do for who must use a second factor and has none; they count as a code, not as another factor', async () => {
      const user = await somebody();
      const start = await half(user, { rp: strict });
      expect(await subjectsTo(user)).toEqual([]);
      const sent = await start.browser.press(start.visit, 'send');
      expect(sent.html).toContain('We sent you a code.');
      const visit = await start.browser.press(sent, 'submit', { code: await codeIn(user) });
      expect((await strict.redeem({ ...start, visit })).claims()).toMatchObject({ amr: ['pwd', 'otp'], acr: SFA });
      expect(await subjectsTo(user)).toEqual(['Your sign-in code']);
    });

    it('do not do where an application wants to be sure', async () => {
      const { visit } = await half(await somebody(), { rp: strict, parameters: { acr_values: MFA } });
      expect(visit.html).toContain('Set up MFA');
    });

    it('are not sent to who has a factor', async () => {
      const { user } = await withTotp();
      const start = await half(user, { rp: strict });
      expect(start.visit.html).not.toContain('with=mail');
      const uid = new URL(start.visit.address).pathname;
      const cookie = cookieHeader(start.browser);
      const fields = { method: 'mail', send: 'yes' };
      const reply = await test.http.post(`${uid}/step`).set('cookie', cookie).type('form').send(fields);
      expect(reply.status).toBe(400);
      expect(await subjectsTo(user)).not.toContain('Your sign-in code');
    });

    it('run out after ten minutes, end with a newer one, and after five tries', async () => {
      const user = await somebody();
      const { mailCodes } = test.app.mfa;
      await mailCodes.send(user);
      const first = await codeIn(user);
      offset += 10 * 60_000 + 1;
      expect(await mailCodes.use(user.id, first)).toBe(false);
      await mailCodes.send(user);
      const second = await codeIn(user);
      offset += 1;
      await mailCodes.send(user);
      const third = await codeIn(user);
      if (second !== third) expect(await mailCodes.use(user.id, second)).toBe(false);
      for (let tries = 0; tries < 5; tries += 1) await mailCodes.use(user.id, 'wrong');
      expect(await mailCodes.use(user.id, third)).toBe(false);
    });

    it('work for one of fifty at once', async () => {
      const user = await somebody();
      const { mailCodes } = test.app.mfa;
      await mailCodes.send(user);
      const code = await codeIn(user);
      const all = await Promise.all(Array.from({ length: 50 }, () => mailCodes.use(user.id, code)));
      expect(all.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('a remembered device', () => {
    async function remembered() {
      const { user, secret } = await withTotp();
      const start = await half(user);
      const code = codeOf(secret, { at: now() });
      await start.browser.press(start.visit, 'submit', { code, remember: 'yes' });
      return { user, secret, browser: start.browser };
    }
    const signOut = async (browser: ReturnType<typeof newBrowser>) =>
      browser.press(await browser.open(at('/session/end')), 'logout-yes');
    const isAsked = async (user: User, browser: ReturnType<typeof newBrowser>, parameters = {}) =>
      (await half(user, { browser, parameters })).visit.html.includes('name="method"');

    it('is spared the second factor, and the tokens say that there was none', async () => {
      const { user, browser } = await remembered();
      await signOut(browser);
      const { idToken } = await party.signIn({ login: user.username, browser });
      expect(idToken).toMatchObject({ amr: ['pwd'], acr: SFA });
      expect((await browser.open(at('/account'))).html).toContain('My account');
      const stored = await test.app.database.connection.collection('trusted_devices').find().toArray();
      const [, secret = ''] = /cohort_remembered=([\w-]{43})/.exec(browser.cookies().join(' ')) ?? [];
      expect(secret).toHaveLength(43);
      expect(JSON.stringify(stored)).not.toContain(secret);
    });

    it('does not do where an application wants to be sure, nor for changes of what one signs in with', async () => {
      const { user, browser, secret } = await remembered();
      await signOut(browser);
      expect(await isAsked(user, browser, { acr_values: MFA })).toBe(true);
      await party.signIn({ login: user.username, browser });
      const page = await browser.open(at('/account/security/passkey'));
      const next = await browser.press(page, 'login-submit', { login: user.username, password: PASSWORD });
      expect(next.html).toContain('name="method" value="totp"');
      const visit = await browser.press(next, 'submit', { code: codeOf(secret, { at: now(), steps: 1 }) });
      expect(visit.html).toContain('Add a passkey');
    });

    it("is its owner's alone", async () => {
      const { browser } = await remembered();
      await signOut(browser);
      const { user: other } = await withTotp();
      expect(await isAsked(other, browser)).toBe(true);
    });

    it('is asked again after its time', async () => {
      const { user, browser } = await remembered();
      await signOut(browser);
      offset += 7 * DAY_MS + 1000;
      expect(await isAsked(user, browser)).toBe(true);
    });

    it.each<[string, (user: User) => Promise<unknown>]>([
      [
        'another password',
        async (user) => test.app.credentials.change(themselves(user), await ownSession(test, user.id), 'Another#2027'),
      ],
      ['new recovery codes', (user) => test.app.mfa.factors.renewRecoveryCodes(themselves(user), user)],
      [
        'its being forgotten in My Account',
        async (user) => {
          const { factors } = test.app.mfa;
          const [device] = await factors.listDevices(user.id);
          await factors.forgetDevice(themselves(user), user, device!.id);
        },
      ],
    ])('is asked again after %s', async (name, change) => {
      const { user, browser } = await remembered();
      await signOut(browser);
      await change(user);
      const password = name === 'another password' ? 'Another#2027' : PASSWORD;
      const { visit } = await party.authorize({ login: user.username, password, browser });
      expect(visit.html).toContain('name="method"');
    });

    it('is listed in My Account, and forgotten there', async () => {
      const { user, browser } = await remembered();
      const page = await browser.open(at('/account/security'));
      const [, id = ''] = /id="(forget-[0-9a-f]{16})"/.exec(page.html) ?? [];
      expect((await browser.press(page, id)).html).toContain('Trusted device removed.');
      expect(await test.app.mfa.factors.listDevices(user.id)).toEqual([]);
    });
  });

  describe('is not guessed', () => {
    it('after five wrong codes one has to wait, whoever types them, and the owner gets one email', async () => {
      const { user, secret } = await withTotp();
      const start = await half(user);
      let page = start.visit;
      for (let tries = 0; tries < 5; tries += 1) page = await start.browser.press(page, 'submit', { code: '000000' });
      expect(page.status).toBe(400);
      const late = await start.browser.press(page, 'submit', { code: codeOf(secret, { at: now() }) });
      expect([late.status, Number(late.headers.get('retry-after')) > 0]).toEqual([429, true]);
      expect(late.html).toContain('Too many attempts.');
      const elsewhere = await half(user);
      const code = codeOf(secret, { at: now() });
      expect((await elsewhere.browser.press(elsewhere.visit, 'submit', { code })).status).toBe(429);
      expect((await subjectsTo(user)).filter((subject) => subject === 'Someone knows your password')).toHaveLength(1);
      expect(await noted(test, user.username)).toContain('mfa.challenge_failed');
    });

    it('and fifty at once are no way around it', async () => {
      const { user } = await withTotp();
      const start = await half(user);
      const path = `${new URL(start.visit.address).pathname}/step`;
      const cookie = cookieHeader(start.browser);
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, number) => {
          const code = String(100_000 + number);
          return test.http.post(path).set('cookie', cookie).type('form').send({ method: 'totp', code });
        }),
      );
      expect(replies.filter(({ status }) => status === 400)).toHaveLength(5);
      expect(replies.filter(({ status }) => status === 429)).toHaveLength(45);
    });
  });
});
