import type { Browser } from 'playwright-core';
import { connectToChromium, describeInBrowser, openPage } from '../../support/browser.ts';
import { darkPhone } from '../../support/looks.ts';
import { faultsOfWalk, only, prepareWalk, walk } from '../../support/page-walk.ts';
import { withBranding } from './branding.ts';

describeInBrowser('branding in a browser', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await connectToChromium();
  });
  afterAll(() => browser.close());

  // `branding.browser.exhaustive.test.ts` looks at all pages, in another color too.
  it('passes axe with a bright accent color', async () => {
    await withBranding('#ffee00', async (test) => {
      const pages = only(walk(test, await prepareWalk(test)), ['register refused', 'overview']);
      expect(await faultsOfWalk(browser, pages, { name: 'branding', looks: [darkPhone] })).toEqual([]);
    });
  });

  it('shows name, logo, styles and links on every page, and the logo runs no script', async () => {
    await withBranding('#0055aa', async (test) => {
      const { page, complaints, close } = await openPage(browser);
      await page.goto(`${test.issuer}/recover`);
      expect(await page.title()).toContain('Nordwind <Air>');
      const spacing = "getComputedStyle(document.querySelector('.brand')).letterSpacing";
      expect(await page.evaluate(spacing)).toBe('3px');
      const logo = (await page.getAttribute('.brand img', 'src'))!;
      expect(await page.evaluate("document.querySelector('.brand img').naturalWidth")).toBeGreaterThan(0);
      const links = await page.locator('.colophon li a').evaluateAll((all) => all.map((a) => a.getAttribute('href')));
      expect(links).toEqual(['https://example.com/privacy', 'https://example.com/terms', 'mailto:help@example.com']);
      expect(complaints).toEqual([]);
      await page.goto(`${test.issuer}${logo}`);
      expect(await page.locator('svg').getAttribute('data-ran')).toBeNull();
      await close();
    });
  });
});
