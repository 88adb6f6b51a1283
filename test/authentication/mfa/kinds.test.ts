import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { MFA, SFA } from '../../../src/platform/assurance.ts';
import { themselves } from '../../../src/platform/actor.ts';
import type { Person } from '../../../src/directory/users/user.ts';
import { codeOf, cookieHeader, giveTotp, keepCodes } from '../../support/factors.ts';
import {
  giveApplication,
  givePerson,
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
  const somebody = () => givePerson(test, `somebody-${(people += 1)}@example.com`);
  const held = ({ id }: Person) => test.app.mfa.factors.find(id);

  async function withTotp() {
    const person = await somebody();
    return { person, ...(await giveTotp(test, person, now())) };
  }

  async function half(person: Person, { rp = party, browser = newBrowser(), parameters = {} } = {}) {
    return rp.authorize({ login: person.username, browser, parameters });
  }

  async function subjectsTo({ username }: Person): Promise<string[]> {
    return (await emailsTo(test, username)).map(({ subject }) => subject);
  }

  describe('recovery codes', () => {
    it('come ten at once with the first factor, and are stored hashed', async () => {
      const { person, recoveryCodes } = await withTotp();
      expect(recoveryCodes).toHaveLength(10);
      for (const code of recoveryCodes) expect(code).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){3}[0-9a-hjkmnp-tv-z]{4}$/);
      const stored = await test.app.database.connection
        .collection<{ _id: string }>('factors')
        .findOne({ _id: person.id });
      expect(JSON.stringify(stored)).not.toContain(recoveryCodes[0]!.slice(0, 9));
    });

    it('let in once, however they are typed, and tell by email how many are left', async () => {
      const { person, recoveryCodes } = await withTotp();
      const [code = ''] = recoveryCodes;
      const start = await half(person);
      const page = await start.browser.open(`${start.visit.address}?with=recovery`);
      const typed = ` ${code.toUpperCase().replaceAll('-', ' ')} `;
      const visit = await start.browser.press(page, 'submit', { code: typed });
      expect((await party.redeem({ ...start, visit })).claims()).toMatchObject({
        amr: ['pwd', 'otp', 'mfa'],
        acr: MFA,
      });
      const [email] = await emailsTo(test, person.username);
      expect([email?.subject, email?.text.includes('Recovery codes left: 9')]).toEqual(['Recovery code used', true]);
      expect(await noted(test, person.username)).toContain('mfa.recovery_code_used');
      const again = await half(person);
      const same = await again.browser.open(`${again.visit.address}?with=recovery`);
      const refused = await again.browser.press(same, 'submit', { code });
      expect([refused.status, refused.html.includes('not valid or was already used')]).toEqual([400, true]);
    });

    it('work for one of fifty at once', async () => {
      const { person, recoveryCodes } = await withTotp();
      const use = () => test.app.mfa.recoveryCodes.use(person.id, recoveryCodes[0]!);
      const left = await Promise.all(Array.from({ length: 50 }, use));
      expect(left.filter((number) => number !== undefined)).toEqual([9]);
      expect((await held(person)).recoveryCodes?.left).toBe(9);
    });

    it('are made anew in My Account, and the old ones end', async () => {
      const { person, secret, recoveryCodes } = await withTotp();
      const browser = newBrowser();
      const start = await browser.press(await browser.open(at('/account/security')), 'login-submit', {
        login: person.username,
        password: PASSWORD,
      });
      const page = await browser.press(start, 'submit', { code: codeOf(secret, { at: now() }) });
      const { codes, visit } = await keepCodes(browser, await browser.press(page, 'renew'));
      expect(visit.html).toContain('New recovery codes created.');
      expect(codes).toHaveLength(10);
      expect(codes.some((code) => recoveryCodes.includes(code))).toBe(false);
      const again = await half(person);
      const typed = await again.browser.open(`${again.visit.address}?with=recovery`);
      expect((await again.browser.press(typed, 'submit', { code: recoveryCodes[3]! })).status).toBe(400);
      expect((await again.browser.press(typed, 'submit', { code: codes[3]! })).address).toContain('code=');
      expect(await subjectsTo(person)).toContain('New recovery codes created');
    });

    it('go with the last factor', async () => {
      const { person } = await withTotp();
      await test.app.mfa.factors.remove(themselves(person), person, 'totp', 'none');
      expect(await held(person)).toEqual({ passkeys: [] });
      expect(await subjectsTo(person)).toContain('Sign-in method removed');
    });
  });

  describe('codes by email', () => {
    let strict: Party;
    beforeAll(async () => {
      strict = await relyingParty(test, await giveApplication(test, { requiresSecondFactor: true }));
    });

    const codeIn = async ({ username }: Person) => {
      const [email] = await emailsTo(test, username);
      return /\n(\d{6})\n/.exec(email?.text ?? '')?.[1] ?? '';
    };

    it('will do for who must use a second factor and has none; they count as a code, not as another factor', async () => {
      const person = await somebody();
      const start = await half(person, { rp: strict });
      expect(await subjectsTo(person)).toEqual([]);
      const sent = await start.browser.press(start.visit, 'send');
      expect(sent.html).toContain('We sent you a code.');
      const visit = await start.browser.press(sent, 'submit', { code: await codeIn(person) });
      expect((await strict.redeem({ ...start, visit })).claims()).toMatchObject({ amr: ['pwd', 'otp'], acr: SFA });
      expect(await subjectsTo(person)).toEqual(['Your sign-in code']);
    });

    it('do not do where an application wants to be sure', async () => {
      const { visit } = await half(await somebody(), { rp: strict, parameters: { acr_values: MFA } });
      expect(visit.html).toContain('Set up MFA');
    });

    it('are not sent to who has a factor', async () => {
      const { person } = await withTotp();
      const start = await half(person, { rp: strict });
      expect(start.visit.html).not.toContain('with=mail');
      const uid = new URL(start.visit.address).pathname;
      const cookie = cookieHeader(start.browser);
      const fields = { method: 'mail', send: 'yes' };
      const reply = await test.http.post(`${uid}/step`).set('cookie', cookie).type('form').send(fields);
      expect(reply.status).toBe(400);
      expect(await subjectsTo(person)).not.toContain('Your sign-in code');
    });

    it('run out after ten minutes, end with a newer one, and after five tries', async () => {
      const person = await somebody();
      const { mailCodes } = test.app.mfa;
      await mailCodes.send(person);
      const first = await codeIn(person);
      offset += 10 * 60_000 + 1;
      expect(await mailCodes.use(person.id, first)).toBe(false);
      await mailCodes.send(person);
      const second = await codeIn(person);
      offset += 1;
      await mailCodes.send(person);
      const third = await codeIn(person);
      if (second !== third) expect(await mailCodes.use(person.id, second)).toBe(false);
      for (let tries = 0; tries < 5; tries += 1) await mailCodes.use(person.id, 'wrong');
      expect(await mailCodes.use(person.id, third)).toBe(false);
    });

    it('work for one of fifty at once', async () => {
      const person = await somebody();
      const { mailCodes } = test.app.mfa;
      await mailCodes.send(person);
      const code = await codeIn(person);
      const all = await Promise.all(Array.from({ length: 50 }, () => mailCodes.use(person.id, code)));
      expect(all.filter(Boolean)).toHaveLength(1);
    });
  });

  describe('a remembered device', () => {
    async function remembered() {
      const { person, secret } = await withTotp();
      const start = await half(person);
      const code = codeOf(secret, { at: now() });
      await start.browser.press(start.visit, 'submit', { code, remember: 'yes' });
      return { person, secret, browser: start.browser };
    }
    const signOut = async (browser: ReturnType<typeof newBrowser>) =>
      browser.press(await browser.open(at('/session/end')), 'logout-yes');
    const isAsked = async (person: Person, browser: ReturnType<typeof newBrowser>, parameters = {}) =>
      (await half(person, { browser, parameters })).visit.html.includes('name="method"');

    it('is spared the second factor, and the tokens say that there was none', async () => {
      const { person, browser } = await remembered();
      await signOut(browser);
      const { idToken } = await party.signIn({ login: person.username, browser });
      expect(idToken).toMatchObject({ amr: ['pwd'], acr: SFA });
      expect((await browser.open(at('/account'))).html).toContain('My account');
      const stored = await test.app.database.connection.collection('trusted_devices').find().toArray();
      const [, secret = ''] = /cohort_remembered=([\w-]{43})/.exec(browser.cookies().join(' ')) ?? [];
      expect(secret).toHaveLength(43);
      expect(JSON.stringify(stored)).not.toContain(secret);
    });

    it('does not do where an application wants to be sure, nor for changes of what one signs in with', async () => {
      const { person, browser, secret } = await remembered();
      await signOut(browser);
      expect(await isAsked(person, browser, { acr_values: MFA })).toBe(true);
      await party.signIn({ login: person.username, browser });
      const page = await browser.open(at('/account/security/passkey'));
      const next = await browser.press(page, 'login-submit', { login: person.username, password: PASSWORD });
      expect(next.html).toContain('name="method" value="totp"');
      const visit = await browser.press(next, 'submit', { code: codeOf(secret, { at: now(), steps: 1 }) });
      expect(visit.html).toContain('Add a passkey');
    });

    it("is its owner's alone", async () => {
      const { browser } = await remembered();
      await signOut(browser);
      const { person: other } = await withTotp();
      expect(await isAsked(other, browser)).toBe(true);
    });

    it('is asked again after its time', async () => {
      const { person, browser } = await remembered();
      await signOut(browser);
      offset += 7 * DAY_MS + 1000;
      expect(await isAsked(person, browser)).toBe(true);
    });

    it.each<[string, (person: Person) => Promise<unknown>]>([
      [
        'another password',
        async (person) =>
          test.app.credentials.change(themselves(person), await ownSession(test, person.id), 'Another#2027'),
      ],
      ['new recovery codes', (person) => test.app.mfa.factors.renewRecoveryCodes(themselves(person), person)],
      [
        'its being forgotten in My Account',
        async (person) => {
          const { factors } = test.app.mfa;
          const [device] = await factors.listDevices(person.id);
          await factors.forgetDevice(themselves(person), person, device!.id);
        },
      ],
    ])('is asked again after %s', async (name, change) => {
      const { person, browser } = await remembered();
      await signOut(browser);
      await change(person);
      const password = name === 'another password' ? 'Another#2027' : PASSWORD;
      const { visit } = await party.authorize({ login: person.username, password, browser });
      expect(visit.html).toContain('name="method"');
    });

    it('is listed in My Account, and forgotten there', async () => {
      const { person, browser } = await remembered();
      const page = await browser.open(at('/account/security'));
      const [, id = ''] = /id="(forget-[0-9a-f]{16})"/.exec(page.html) ?? [];
      expect((await browser.press(page, id)).html).toContain('Trusted device removed.');
      expect(await test.app.mfa.factors.listDevices(person.id)).toEqual([]);
    });
  });

  describe('is not guessed', () => {
    it('after five wrong codes one has to wait, whoever types them, and the owner gets one email', async () => {
      const { person, secret } = await withTotp();
      const start = await half(person);
      let page = start.visit;
      for (let tries = 0; tries < 5; tries += 1) page = await start.browser.press(page, 'submit', { code: '000000' });
      expect(page.status).toBe(400);
      const late = await start.browser.press(page, 'submit', { code: codeOf(secret, { at: now() }) });
      expect([late.status, Number(late.headers.get('retry-after')) > 0]).toEqual([429, true]);
      expect(late.html).toContain('Too many attempts.');
      const elsewhere = await half(person);
      const code = codeOf(secret, { at: now() });
      expect((await elsewhere.browser.press(elsewhere.visit, 'submit', { code })).status).toBe(429);
      expect((await subjectsTo(person)).filter((subject) => subject === 'Someone knows your password')).toHaveLength(1);
      expect(await noted(test, person.username)).toContain('mfa.challenge_failed');
    });

    it('and fifty at once are no way around it', async () => {
      const { person } = await withTotp();
      const start = await half(person);
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
