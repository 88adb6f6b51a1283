import type { Browser } from 'playwright-core';
import { axeViolations, describeInBrowser, launch, openPage, picture } from '../support/browser.ts';
import { giveGroup, givePerson, PASSWORD, startHouse, type TestHouse } from '../support/house.ts';

describeInBrowser('the console in a browser', () => {
  let test: TestHouse;
  let browser: Browser;
  beforeAll(async () => {
    test = await startHouse();
    browser = await launch();
    await givePerson(test, 'owner@example.com', { kind: 'administrator', firstName: 'Olive', lastName: 'Owner' });
    const ada = await givePerson(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    await giveGroup(test, 'Pilots', [ada.id]);
    await giveGroup(test, 'Navigators');
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  it('shows users and makes one', async () => {
    const { page, complaints, close } = await openPage(browser);
    await page.goto(`${test.issuer}/console/users`);
    await page.fill('#login', 'owner@example.com');
    await page.fill('#password', PASSWORD);
    await page.click('#login-submit');
    await page.waitForSelector('#new-user');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-users');
    await page.click('#new-user');
    await page.click('#new-customer');
    await page.fill('#username', 'grace@example.com');
    await picture(page, 'console-new-user');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('#next');
    await picture(page, 'console-new-user-groups');
    expect(await axeViolations(page)).toEqual([]);
    await page.fill('#group_q', 'pil');
    await page.locator('.picker-item', { hasText: 'Navigators' }).waitFor({ state: 'detached' });
    await page.check('.picker-item input');
    await page.click('#finish');
    await page.waitForURL(/done=user_invited/);
    expect(complaints).toEqual([]);
    await close();
  });
});
