import { faultsInLook } from '../support/accessibility.ts';
import { describeInBrowser } from '../support/browser.ts';
import { everyLook, lightDesktop } from '../support/looks.ts';
import { startAccountInBrowser, TABS, type AccountInBrowser } from './account-pages.ts';

describeInBrowser('every tab of My Account', () => {
  let on: AccountInBrowser;
  beforeAll(async () => {
    on = await startAccountInBrowser();
  });
  afterAll(() => on.stop());

  it.each(TABS)('passes axe and fits, in light and dark, on a desktop and a phone: %j', async (tab) => {
    const { page, complaints, close } = await on.enter(lightDesktop);
    await page.goto(`${on.test.issuer}/account${tab}`);
    const faults: string[] = [];
    for (const look of everyLook) faults.push(...(await faultsInLook(page, `account${tab}`, look)));
    expect([...faults, ...complaints]).toEqual([]);
    await close();
  });
});
