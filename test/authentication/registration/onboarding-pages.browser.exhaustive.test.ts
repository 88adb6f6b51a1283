import type { Browser } from 'playwright-core';
import { itPassesAxe } from '../../support/accessibility.ts';
import { connectToChromium, describeInBrowser, openPage } from '../../support/browser.ts';
import { onboardingPages, startOnboarding, type Onboarding } from './onboarding-pages.ts';

describeInBrowser('every page of self-registration, password reset and invitations', () => {
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

  const pages = onboardingPages(() => on);
  itPassesAxe(Object.keys(pages), { section: 'onboarding', open: (options) => openPage(browser, options), pages });
});
