import type { Browser } from 'playwright-core';
import { axeViolations } from '../support/accessibility.ts';
import { connectToChromium, describeInBrowser, openPage, picture } from '../support/browser.ts';
import { darkPhone } from '../support/looks.ts';
import { faultsOfWalk, only, prepareWalk, walk } from '../support/page-walk.ts';
import { PASSWORD, startApp, type TestApp } from '../support/app.ts';
import { emailsTo } from '../support/emails.ts';

describeInBrowser('the language of a page in a browser', () => {
  let test: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_SELF_REGISTRATION: 'open' } });
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  // `languages.browser.exhaustive.test.ts` looks at all pages in all languages.
  it('passes axe and fits on a phone where it is read from the right', async () => {
    const pages = only(walk(test, await prepareWalk(test)), ['sign-in refused', 'consent', 'profile']);
    expect(await faultsOfWalk(browser, pages, { name: 'ar', locale: 'ar', looks: [darkPhone] })).toEqual([]);
  });

  it('changes with the switch at its foot, without script, and stays changed', async () => {
    const { page, close } = await openPage(browser, { javaScriptEnabled: false });
    await page.goto(`${test.issuer}/recover?from=nowhere`);
    await page.click('text=العربية');
    expect(page.url()).toBe(`${test.issuer}/recover?from=nowhere`);
    expect(await page.getAttribute('html', 'dir')).toBe('rtl');
    expect(await page.getAttribute('.languages [aria-current]', 'lang')).toBe('ar');
    await page.goto(`${test.issuer}/device`);
    expect(await page.getAttribute('html', 'lang')).toBe('ar');
    await close();
  });

  it('is read from the right in emails too', async () => {
    const { page, close } = await openPage(browser, { colorScheme: 'light' });
    const post = { email: 'lin@example.com', password: PASSWORD, password_again: PASSWORD };
    await test.http
      .post('/register')
      .set('origin', new URL(test.issuer).origin)
      .set('accept-language', 'ar')
      .type('form')
      .send(post);
    const [email] = await emailsTo(test, 'lin@example.com');
    await page.setContent(email!.html);
    await picture(page, 'ar email');
    expect(await axeViolations(page)).toEqual([]);
    await close();
  });
});
