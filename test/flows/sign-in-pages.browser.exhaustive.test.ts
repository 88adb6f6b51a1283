import type { Browser } from 'playwright-core';
import { itPassesAxe } from '../support/accessibility.ts';
import { connectToChromium, describeInBrowser, openPage } from '../support/browser.ts';
import { signInPages, startSignInPages, type SignInPages } from './sign-in-pages.ts';

describeInBrowser('every page of a sign-in', () => {
  let on: SignInPages;
  let browser: Browser;
  beforeAll(async () => {
    on = await startSignInPages();
    browser = await connectToChromium();
  });
  afterAll(async () => {
    await browser.close();
    await on.test.tearDown();
  });

  const pages = signInPages(() => on);
  itPassesAxe(Object.keys(pages), { section: 'sign-in', open: (options) => openPage(browser, options), pages });
});
