import * as client from 'openid-client';
import { system } from '../../../src/platform/actor.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { deliverEmails, emailsTo, linkTo, noted } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

const MINUTE = 60_000;
const NEW_PASSWORD = 'Voyage#2026';
const chosen = { password: NEW_PASSWORD, password_again: NEW_PASSWORD };

describe('somebody who forgot their password', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let time = Date.now();

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(time) });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());

  const browser = () => createPlainBrowser({ stopAt: [REDIRECT_URI] });
  const ask = (email: string) => test.http.post('/recover').type('form').send({ email });
  const linkFor = async (email: string) => {
    await ask(email);
    return linkTo(test, email);
  };
  const post = (path: string, fields: object = chosen) => test.http.post(path).type('form').send(fields);
  const canSignIn = async (login: string, password: string) =>
    (await test.app.credentials.verify(login, password, { address: '127.0.0.1' })) !== undefined;

  it('comes from the sign-in to a new password, and back to the application with their groups', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    await giveGroup(test, 'Pilots', [ada.id]);
    const before = await party.signIn({ login: 'ada@example.com', scope: 'openid offline_access' });

    const plain = browser();
    const request = await party.start({ scope: 'openid groups' });
    const signIn = await plain.open(request.address.href);
    const [, href = ''] = /href="([^"]*)">Forgot your password\?/.exec(signIn.html) ?? [];
    const form = await plain.open(`${test.issuer}${href}`);
    const sent = await plain.press(form, 'submit', { email: ' ADA@example.com' });
    expect(sent).toMatchObject({ status: 200, html: expect.stringContaining('ada@example.com') });

    const reset = await plain.open(`${test.issuer}${await linkTo(test, 'ada@example.com')}`);
    const ready = await plain.press(reset, 'submit', chosen);
    expect(ready.status).toBe(200);
    const [, onward = ''] = /id="continue" href="([^"]*)"/.exec(ready.html) ?? [];
    const again = await plain.open(`${test.issuer}${onward.replaceAll('&amp;', '&')}`);
    expect(again.html).toContain('value="ada@example.com"');
    const visit = await plain.press(again, 'login-submit', { login: 'ada@example.com', password: NEW_PASSWORD });
    const tokens = await party.redeem({ ...request, visit });
    expect(tokens.claims()).toMatchObject({ sub: ada.id, groups: ['Pilots'] });

    expect((await test.http.get('/me').set('authorization', `Bearer ${before.tokens.access_token}`)).status).toBe(401);
    await expect(client.refreshTokenGrant(party.config, before.tokens.refresh_token!)).rejects.toMatchObject({
      error: 'invalid_grant',
    });
    expect((await before.browser.open((await party.start()).address.href)).html).toContain('login-submit');
    expect(await canSignIn('ada@example.com', PASSWORD)).toBe(false);
    expect((await emailsTo(test, 'ada@example.com')).map(({ subject }) => subject)).toContain(
      'Your password was changed',
    );
    expect(new Set(await noted(test, 'ada@example.com'))).toEqual(
      new Set([
        'user.created',
        'user.signed_in',
        'user.password_reset_sent',
        'user.password_reset',
        'user.password_set',
      ]),
    );
  });

  it('sees the same page whether the address has an account or not, and only those who have one get an email', async () => {
    const disabled = await giveUser(test, 'disabled@example.com');
    await test.app.users.disable(system, disabled.id);
    await giveUser(test, 'known@example.com');
    const pages = [];
    for (const email of ['known@example.com', 'unknown@example.com', 'disabled@example.com']) {
      const { status, text } = await ask(email);
      pages.push(`${status} ${text.replaceAll(email, 'X')}`);
    }
    expect(new Set(pages).size).toBe(1);
    expect(await emailsTo(test, 'known@example.com')).toHaveLength(1);
    expect(await emailsTo(test, 'unknown@example.com')).toEqual([]);
    expect(await emailsTo(test, 'disabled@example.com')).toEqual([]);
  });

  it('keeps what was typed when it is no address', async () => {
    const { status, text } = await ask('"><script>ada');
    expect(status).toBe(400);
    expect(text).toContain('value="&#34;&gt;&lt;script&gt;ada"');
    expect(text).toContain('Enter an email such as');
  });

  it('may look at the link as often as they like, and use it once', async () => {
    await giveUser(test, 'grace@example.com');
    const link = await linkFor('grace@example.com');
    for (let i = 0; i < 3; i += 1) {
      const { status, headers } = await test.http.get(link);
      expect(status).toBe(200);
      expect(headers).toMatchObject({ 'referrer-policy': 'strict-origin', 'cache-control': 'no-store' });
    }
    expect((await post(link)).status).toBe(200);
    for (const reply of [await test.http.get(link), await post(link)]) {
      expect(reply.status).toBe(400);
      expect(reply.text).toContain('Your password was changed with it.');
    }
  });

  it('is told all faults of a new password at once, and the link stays good', async () => {
    await giveUser(test, 'mary@example.com');
    const link = await linkFor('mary@example.com');
    const { status, text } = await post(link, { password: 'weak', password_again: 'weaker' });
    expect(status).toBe(400);
    expect(text.match(/is-broken/g)).toHaveLength(4);
    expect(text).toContain('The passwords do not match.');
    expect((await post(link)).status).toBe(200);
  });

  it('has 30 minutes, and then a sentence of its own and a way to a new link', async () => {
    await giveUser(test, 'late@example.com');
    const link = await linkFor('late@example.com');
    time += 30 * MINUTE - 1;
    expect((await test.http.get(link)).status).toBe(200);
    time += 1;
    const { status, text } = await post(link);
    expect(status).toBe(400);
    expect(text).toContain('links are valid for 30 minutes');
    expect(text).toContain('href="/recover"');
    expect(await canSignIn('late@example.com', PASSWORD)).toBe(true);
  });

  it('is told kindly when a link is broken, of another purpose, or outrun by another change', async () => {
    const rosa = await giveUser(test, 'rosa@example.com');
    const link = await linkFor('rosa@example.com');
    expect((await test.http.get(link.slice(0, -1))).text).toContain('This link is incomplete');
    expect((await test.http.get('/recover/%24ne')).status).toBe(400);
    expect((await test.http.get(link.replace('recover', 'invitation'))).text).toContain('This link is incomplete');
    await test.app.credentials.setTemporary(system, rosa.id, 'Wander#2026');
    expect((await post(link)).text).toContain('Your account has changed since the link was sent.');
    expect(await canSignIn('rosa@example.com', 'Wander#2026')).toBe(true);
  });

  it('cannot use a link that was mailed before they were disabled', async () => {
    const vera = await giveUser(test, 'vera@example.com');
    const link = await linkFor('vera@example.com');
    await test.app.users.disable(system, vera.id);
    expect((await post(link)).status).toBe(400);
    await test.app.users.remove(system, vera.id);
    expect((await test.http.get(link)).text).toContain('This link is incomplete');
  });

  it('is one of fifty at once to whom the link gives a new password', async () => {
    const joan = await giveUser(test, 'joan@example.com');
    const link = await linkFor('joan@example.com');
    const passwords = Array.from({ length: 50 }, (_, index) => `Voyage#2026-${index}`);
    const replies = await Promise.all(passwords.map((password) => post(link, { password, password_again: password })));
    expect(replies.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200, 400]));
    const winner = replies.findIndex(({ status }) => status === 200);
    expect(await canSignIn('joan@example.com', passwords[winner]!)).toBe(true);
    const changed = (await emailsTo(test, 'joan@example.com')).filter(({ subject }) => subject.includes('changed'));
    expect(changed).toHaveLength(1);
    expect(joan.status).toBe('active');
  });

  it('gets one email however many nodes answer, and gets it from another node when one stops in between', async () => {
    await giveUser(test, 'emmy@example.com');
    await ask('emmy@example.com');
    const second = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    await Promise.all([deliverEmails(test), deliverEmails(second), deliverEmails(test)]);
    expect(await emailsTo(test, 'emmy@example.com')).toHaveLength(1);
    await ask('emmy@example.com');
    await test.app.passwordReset.answerAll();
    await second.app.mail.deliverDue();
    expect(await emailsTo(test, 'emmy@example.com')).toHaveLength(2);
    await second.app.stop();
  });

  it('leaves no link anywhere but in the email', async () => {
    await giveUser(test, 'lise@example.com');
    const link = await linkFor('lise@example.com');
    await post(link);
    const secret = link.split('/').at(-1)!;
    const { connection } = test.app.database;
    for (const { name } of await connection.db!.listCollections().toArray()) {
      if (name === 'mailbox') continue;
      expect(JSON.stringify(await connection.collection(name).find().toArray())).not.toContain(secret);
    }
  });
});

describe('asking for a new password', () => {
  it('is limited by account and by address, for known and unknown alike', async () => {
    const settings = { COHORT_ACCOUNT_EMAILS_PER_HOUR: '2', COHORT_ACCOUNT_EMAILS_PER_HOUR_PER_IP: '5' };
    const test = await startApp({ settings });
    try {
      await giveUser(test, 'ada@example.com');
      const ask = (email: string) => test.http.post('/recover').type('form').send({ email });
      for (const email of ['ada@example.com', 'nobody@example.com']) {
        expect((await ask(email)).status).toBe(200);
        expect((await ask(email)).status).toBe(200);
      }
      const limited = await ask('ada@example.com');
      expect(limited.status).toBe(429);
      expect(Number(limited.headers['retry-after'])).toBeGreaterThan(3000);
      expect(limited.text).toContain('value="ada@example.com"');
      const byAddress = await ask('nobody@example.com');
      expect(byAddress.status).toBe(429);
      expect(byAddress.text.replaceAll('nobody@', 'ada@')).toBe(limited.text);
    } finally {
      await test.tearDown();
    }
  });
});
