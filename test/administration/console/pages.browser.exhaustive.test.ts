import { describeInBrowser } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { everyLook } from '../../support/looks.ts';
import { faultsOfPages, pathsOfPages } from './console-pages.ts';

describeInBrowser('every page of the console', () => {
  let on: ConsoleBrowser;
  let paths: string[];
  beforeAll(async () => {
    on = await startConsole();
    paths = [...(await pathsOfPages(on.test)).values()];
  });
  afterAll(() => on.stop());

  it.each(['en', 'de', 'ar'])('passes axe and fits, in every look: %s', async (language) => {
    const opened = await on.enter({ path: '/console' });
    await opened.page.setExtraHTTPHeaders({ 'accept-language': language });
    const looks = language === 'de' ? everyLook.slice(0, 2) : everyLook;
    expect(await faultsOfPages({ ...opened, test: on.test }, { paths, looks, name: language })).toEqual([]);
    await opened.close();
  });
});
