import type { Browser } from 'playwright-core';
import { connectToChromium, describeInBrowser, type Pages } from '../support/browser.ts';
import { darkDesktop, darkPhone, lightDesktop, lightPhone, type Look } from '../support/looks.ts';
import { faultsOfWalk, prepareWalk, walk } from '../support/page-walk.ts';
import { startApp, type TestApp } from '../support/app.ts';

describeInBrowser('every page in every language', () => {
  let test: TestApp;
  let browser: Browser;
  let pages: Pages;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_SELF_REGISTRATION: 'open' } });
    browser = await connectToChromium();
    pages = walk(test, await prepareWalk(test));
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  it.each<[language: string, looks: Look[]]>([
    ['ar', [lightDesktop, darkPhone]],
    ['de', [lightPhone, darkDesktop]],
    ['en', [lightPhone, darkDesktop]],
  ])('passes axe and fits: %s', async (language, looks) => {
    expect(await faultsOfWalk(browser, pages, { name: language, locale: language, looks })).toEqual([]);
  });
});
