import { describeInBrowser } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { darkPhone } from '../../support/looks.ts';
import { faultsOfPages, pathsOfPages } from './console-pages.ts';

/** The densest of each kind; `pages.browser.exhaustive.test.ts` looks at all pages in all looks. */
const PAGES = ['/console', '/console/audit', '/console/groups/:group_id/members', '/console/settings/edit'];

describeInBrowser('a page of the console', () => {
  let on: ConsoleBrowser;
  let paths: Map<string, string>;
  beforeAll(async () => {
    on = await startConsole();
    paths = await pathsOfPages(on.test);
  });
  afterAll(() => on.stop());

  it('passes axe and fits on a phone', async () => {
    const opened = await on.enter({ path: '/console' });
    const wanted = { paths: PAGES.map((path) => paths.get(path)!), looks: [darkPhone], name: 'en' };
    expect(await faultsOfPages({ ...opened, test: on.test }, wanted)).toEqual([]);
    await opened.close();
  });
});
