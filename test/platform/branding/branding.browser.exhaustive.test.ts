import { connectToChromium, describeInBrowser } from '../../support/browser.ts';
import { darkPhone, lightDesktop } from '../../support/looks.ts';
import { faultsOfWalk, prepareWalk, walk } from '../../support/page-walk.ts';
import { withBranding } from './branding.ts';

describeInBrowser('branding', () => {
  it.each([
    ['yellow', '#ffee00'],
    ['navy', '#000040'],
  ])('passes axe on every page, whatever its accent color is: %s', async (title, accent) => {
    const browser = await connectToChromium();
    await withBranding(accent, async (test) => {
      const pages = walk(test, await prepareWalk(test));
      const looks = [lightDesktop, darkPhone];
      expect(await faultsOfWalk(browser, pages, { name: `branding ${title}`, looks })).toEqual([]);
    });
    await browser.close();
  });
});
