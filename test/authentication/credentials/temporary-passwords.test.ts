import { system } from '../../../src/platform/actor.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, ownSession, REDIRECT_URI, startApp, type TestApp } from '../../support/app.ts';
import { emailsTo } from '../../support/emails.ts';
import { relyingParty } from '../../support/relying-party.ts';

const DAY = 24 * 3600_000;
const TEMPORARY = 'Wander#2026';

describe('a temporary password', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let time = Date.now();

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(time), settings: { COHORT_TEMPORARY_PASSWORD_DAYS: '3' } });
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());

  const signIn = async (login: string, password = TEMPORARY) => {
    const plain = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await plain.open((await party.start()).address.href);
    const { status, html } = await plain.press(page, 'login-submit', { login, password });
    return {
      status,
      html: html.replaceAll(login, 'X').replace(/(interaction\/|from=)[\w.-]+|data-options="[^"]*"/g, ''),
    };
  };

  it('is good for three days, and then refused like a wrong one', async () => {
    await giveUser(test, 'grace@example.com', { password: TEMPORARY, temporary: true });
    time += 3 * DAY - 1;
    expect((await signIn('grace@example.com')).html).toContain('password_again');
    time += 1;
    expect(await signIn('grace@example.com')).toEqual(await signIn('grace@example.com', 'Wrong#2026'));
    expect((await signIn('grace@example.com')).status).toBe(401);
  });

  it('starts anew when an administrator sets another one, which an email tells', async () => {
    const { id } = await giveUser(test, 'joan@example.com', { password: 'Sunday#2026', temporary: true });
    time += 4 * DAY;
    await test.app.credentials.setTemporary(system, id, TEMPORARY);
    expect((await signIn('joan@example.com')).html).toContain('password_again');
    const emails = await emailsTo(test, 'joan@example.com');
    expect(emails.map(({ subject }) => subject)).toEqual(['You have a temporary password']);
    expect(emails[0]!.text).not.toContain(TEMPORARY);
  });

  it('has no end once the user chose one of their own, which an email tells too', async () => {
    const { id } = await giveUser(test, 'mary@example.com', { password: TEMPORARY, temporary: true });
    await test.app.credentials.change(system, await ownSession(test, id), 'Voyage#2026');
    time += 100 * DAY;
    const proof = await test.app.credentials.verify('mary@example.com', 'Voyage#2026', { address: '127.0.0.1' });
    expect(proof?.userId).toBe(id);
    expect((await emailsTo(test, 'mary@example.com')).map(({ subject }) => subject)).toEqual([
      'Your password was changed',
    ]);
  });
});
