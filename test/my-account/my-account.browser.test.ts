import { axeViolations, faultsInLook } from '../support/accessibility.ts';
import { describeInBrowser, picture } from '../support/browser.ts';
import { darkPhone } from '../support/looks.ts';
import { startAccountInBrowser, type AccountInBrowser } from './account-pages.ts';

describeInBrowser('My Account in a browser', () => {
  let on: AccountInBrowser;
  beforeAll(async () => {
    on = await startAccountInBrowser();
  });
  afterAll(() => on.stop());

  // `my-account.browser.exhaustive.test.ts` looks at every tab in every look.
  it('passes axe and fits on a phone in the dark', async () => {
    const { page, complaints, close } = await on.enter(darkPhone);
    for (const tab of ['', '/profile', '/sessions']) {
      await page.goto(`${on.test.issuer}/account${tab}`);
      expect(await faultsInLook(page, `account${tab}`, darkPhone)).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await close();
  });

  it('shows group owners what they need on a phone and in the dark', async () => {
    const { page, complaints, close } = await on.enter(darkPhone);
    const { lea, pilots } = on;
    const group = `/account/groups/${pilots.id}`;
    for (const path of [
      '/account/groups',
      `${group}?done=members_removed&undo=${lea.id}`,
      `${group}/members/${lea.id}`,
    ]) {
      await page.goto(`${on.test.issuer}${path}`);
      expect(await axeViolations(page)).toEqual([]);
      await picture(page, path === '/account/groups' ? 'account-groups' : 'account-group-phone-dark');
    }
    expect(complaints).toEqual([]);
    await close();
  });
});
