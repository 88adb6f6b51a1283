import type { Browser } from 'playwright-core';
import { itPassesAxe } from '../../support/accessibility.ts';
import { connectToChromium, describeInBrowser, openPage, submitFields } from '../../support/browser.ts';
import { touchPhone } from '../../support/looks.ts';
import { PASSWORD } from '../../support/app.ts';
import { askToRegister, onboardingPages, openLink, startOnboarding, type Onboarding } from './onboarding-pages.ts';

describeInBrowser('self-registration in a browser', () => {
  let on: Onboarding;
  let browser: Browser;
  beforeAll(async () => {
    on = await startOnboarding();
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser.close();
    await on.test.tearDown();
  });

  // `onboarding-pages.browser.exhaustive.test.ts` looks at all of them.
  itPassesAxe(['register refused', 'accept-invitation refused', 'link-refused, expired'], {
    section: 'onboarding',
    open: (options) => openPage(browser, options),
    pages: onboardingPages(() => on),
  });

  it.each([
    ['with script', {}],
    ['without script, on a phone', { ...touchPhone, javaScriptEnabled: false }],
  ])('leads from the sign-in page to the application: %s', async (_name, options) => {
    const { page, complaints, close } = await openPage(browser, options);
    await page.route('https://app.example.com/**', (route) => route.fulfill({ body: 'the application' }));
    const email = await askToRegister(on, page);
    await openLink(on, page, email);
    await submitFields(page, { password: PASSWORD });
    await page.click('#continue');
    expect(await page.inputValue('input[name=login]')).toBe(email);
    await page.fill('input[name=password]', PASSWORD);
    await page.click('#login-submit');
    await page.waitForSelector('text=the application');
    expect(new URL(page.url()).searchParams.get('code')).toBeTruthy();
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows which rules a password keeps while it is typed', async () => {
    const { page, close } = await openPage(browser);
    await page.goto(`${on.test.issuer}/register`);
    const kept = () => page.locator('.rules .is-kept').allInnerTexts();
    expect(await kept()).toEqual([]);
    await page.fill('input[name=password]', 'Über');
    expect((await kept()).map((text) => text.replace(/\s+/g, ' '))).toEqual([
      'Met: an uppercase letter',
      'Met: a lowercase letter',
    ]);
    await page.fill('input[name=password]', PASSWORD);
    expect(await kept()).toHaveLength(5);
    await page.fill('input[name=password]', '');
    expect(await kept()).toEqual([]);
    await close();
  });
});
