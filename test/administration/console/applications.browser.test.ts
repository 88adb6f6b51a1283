import type { Browser } from 'playwright-core';
import { axeViolations, changeLook, describeInBrowser, connectToChromium, picture } from '../../support/browser.ts';
import { enterInChromium } from '../../support/console.ts';
import { giveApplication, giveGroup, givePerson, giveRole, startApp, type TestApp } from '../../support/app.ts';

const phone = { width: 390, height: 844 };

describeInBrowser("the console's applications in a browser", () => {
  let test: TestApp;
  let browser: Browser;
  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    await givePerson(test, 'owner@example.com', { kind: 'administrator', firstName: 'Olive', lastName: 'Owner' });
    const ada = await givePerson(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    await giveGroup(test, 'Pilots', [ada.id]);
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  it('are made, with a fault shown while it is typed, and preview claims', async () => {
    const path = '/console/applications';
    const { page, complaints, close } = await enterInChromium(browser, test, 'owner@example.com', path);
    await page.click('#new-application');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-new-application');
    await page.click('#type-web');
    await page.fill('#name', 'Crew portal');
    await page.fill('#redirect_uris', 'http://crew.example.com/callback');
    await page.waitForSelector('#redirect_uris-fault .field-fault');
    expect(await page.getAttribute('#redirect_uris', 'aria-invalid')).toBe('true');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-new-application-details');
    await page.fill('#redirect_uris', 'https://crew.example.com/callback');
    await page.locator('#redirect_uris-fault .field-fault').waitFor({ state: 'detached' });
    expect(await page.getAttribute('#redirect_uris', 'aria-invalid')).toBeNull();
    await page.click('#create');
    await page.waitForSelector('#secret');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-application-secret');
    await page.click('#continue');
    await changeLook(page, { colorScheme: 'dark' });
    await page.click('.console-tabs a[href$="/preview"]');
    await page.locator('.picker-item', { hasText: 'ada@example.com' }).click();
    await page.waitForSelector('#seen');
    expect(await page.textContent('.is-tags')).toContain('Pilots');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-application-preview');
    await page.click('.console-tabs a[href$="/claims"]');
    expect(await page.isVisible('.only-groups')).toBe(false);
    await page.check('[name=reach][value=groups]');
    expect(await page.isVisible('.only-groups')).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-application-claims');
    await changeLook(page, { viewport: phone, colorScheme: 'light' });
    await page.click('.console-tabs a[href$="/connect"]');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await picture(page, 'console-application-connect');
    expect(complaints).toEqual([]);
    await close();
  });

  it('are found by their name and kind', async () => {
    for (const name of ['Crew planner', 'Log book']) await giveApplication(test, { name, type: 'spa' });
    const path = '/console/applications';
    const { page, complaints, close } = await enterInChromium(browser, test, 'owner@example.com', path);
    await page.keyboard.press('/');
    await page.keyboard.type('crew');
    await page.selectOption('#type', 'spa');
    await page.click('#search');
    await page.waitForURL('**/console/applications?q=crew&type=spa');
    expect(await page.locator('tbody th').allTextContents()).toEqual(['Crew planner']);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-applications');
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-applications-dark-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  });

  it('have roles and administrators beside them', async () => {
    const { id } = await giveRole(test, 'editor');
    await giveGroup(test, 'Navigators', [], [id]);
    const { page, complaints, close } = await enterInChromium(browser, test, 'owner@example.com', '/console/roles');
    await page.click('.console-table th a');
    await page.waitForSelector('#all-groups');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-role');
    await changeLook(page, { colorScheme: 'dark' });
    await page.click('.console-menu a[href="/console/administrators"]');
    await page.waitForSelector('#new-administrator');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-administrators');
    await changeLook(page, { viewport: phone, colorScheme: 'light' });
    await page.click('.console-table th a');
    await page.click('#edit');
    await page.uncheck('input[name="admin_role:owner"]');
    await page.click('#save');
    await page.waitForSelector('#admin-roles-fault');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-administrator');
    // Chromium notes the status of the refusal, which is the one that was provoked.
    expect(complaints.filter((complaint) => !complaint.includes('409'))).toEqual([]);
    await close();
  });
});
