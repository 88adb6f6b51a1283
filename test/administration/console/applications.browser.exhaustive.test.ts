import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { changeLook, darkPhone, lightPhone } from '../../support/looks.ts';
import { giveApplication, giveGroup, giveUser, giveRole } from '../../support/app.ts';

describeInBrowser("the console's applications in a browser", () => {
  let on: ConsoleBrowser;
  beforeAll(async () => {
    on = await startConsole();
  });
  afterAll(() => on.stop());

  it('are made, with a fault shown while it is typed, and preview claims', async () => {
    const ada = await giveUser(on.test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    await giveGroup(on.test, 'Pilots', [ada.id]);
    const { page, complaints, close } = await on.enter({ path: '/console/applications' });
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
    await page.check('[name=where][value=groups]');
    expect(await page.isVisible('.only-groups')).toBe(true);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-application-claims');
    await changeLook(page, lightPhone);
    await page.click('.console-tabs a[href$="/connect"]');
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await picture(page, 'console-application-connect');
    expect(complaints).toEqual([]);
    await close();
  });

  it('are found by their name and kind', async () => {
    for (const name of ['Crew planner', 'Log book']) await giveApplication(on.test, { name, type: 'spa' });
    const { page, complaints, close } = await on.enter({ path: '/console/applications' });
    await page.keyboard.press('/');
    await page.keyboard.type('crew');
    await page.selectOption('#type', 'spa');
    await page.click('#search');
    await page.waitForURL('**/console/applications?q=crew&type=spa');
    expect(await page.locator('tbody th').allTextContents()).toEqual(['Crew planner']);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-applications');
    await changeLook(page, darkPhone);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-applications-dark-phone');
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    expect(complaints).toEqual([]);
    await close();
  });

  it('have roles and administrators beside them', async () => {
    const { id } = await giveRole(on.test, 'editor');
    await giveGroup(on.test, 'Navigators', [], [id]);
    const { page, complaints, close } = await on.enter({ path: '/console/roles' });
    await page.click('.console-table th a');
    await page.waitForSelector('#all-groups');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-role');
    await changeLook(page, { colorScheme: 'dark' });
    await page.click('.console-menu a[href="/console/administrators"]');
    await page.waitForSelector('#new-administrator');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-administrators');
    await changeLook(page, lightPhone);
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
