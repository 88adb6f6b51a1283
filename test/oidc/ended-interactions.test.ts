import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('a sign-in that has ended', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  beforeAll(async () => {
    test = await startApp();
    party = await relyingParty(test, await giveApplication(test));
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  it('leads back to the application, for who goes back to its page', async () => {
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const { address } = await party.start();
    const page = await browser.open(address.href);
    await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    for (const visit of [
      await browser.open(page.address),
      await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD }),
      await browser.press(page, 'cancel'),
    ]) {
      expect(visit.status).toBe(400);
      expect(visit.html).toContain('<h1>This sign-in is over</h1>');
      expect(visit.html).toContain('href="https://app.example.com/">Go to Flight plans</a>');
    }
  });

  it('leads to My Account, for who has bookmarked its page', async () => {
    const { status, html } = await createPlainBrowser().open(`${test.issuer}/interaction/bookmarked`);
    expect([status, html]).toEqual([400, expect.stringContaining('href="/account">Go to My Account</a>')]);
  });

  it('of My Account leads to My Account', async () => {
    const browser = createPlainBrowser();
    const page = await browser.open(`${test.issuer}/account`);
    await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    expect((await browser.open(page.address)).html).toContain(`href="${test.issuer}/account">Go to My Account</a>`);
  });

  it('names no application that there is not', async () => {
    const { text } = await test.http
      .get('/interaction/made-up')
      .set('cookie', 'cohort_sign_ins=made-up:nobody|made-up:<script>')
      .set('accept', 'text/html');
    expect(text).toContain('Go to My Account');
    expect(text).not.toContain('nobody');
  });
});
