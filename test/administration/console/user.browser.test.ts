import type { Browser, Page } from 'playwright-core';
import { system } from '../../../src/platform/actor.ts';
import type { Person } from '../../../src/directory/users/user.ts';
import { axeViolations, changeLook, describeInBrowser, connectToChromium, picture } from '../../support/browser.ts';
import { enterInChromium } from '../../support/console.ts';
import { giveTotp } from '../../support/factors.ts';
import { giveApplication, giveGroup, givePerson, giveRole, startApp, type TestApp } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

const PARTS = ['', 'groups', 'roles', 'security', 'sessions', 'applications', 'activity', 'custom-data'];
const BELOW = ['password', 'factors', 'delete'];

describeInBrowser("a user's page in a browser", () => {
  let test: TestApp;
  let browser: Browser;
  let page: Page;
  let complaints: string[];
  let ada: Person;

  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    await givePerson(test, 'owner@example.com', { kind: 'administrator' });
    ada = await givePerson(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    const role = await giveRole(test, 'navigator');
    const outer = await giveGroup(test, 'Everybody aboard', [], [role.id]);
    const bridge = await giveGroup(test, 'Bridge crew', [ada.id]);
    await giveGroup(test, 'Pilots', [ada.id]);
    await giveGroup(test, 'Engineers');
    await test.app.groups.update(system, bridge.id, { parent_id: outer.id });
    const party = await relyingParty(test, await giveApplication(test, { name: 'Flight book' }));
    await party.signIn({ login: 'ada@example.com', scope: 'openid profile groups' });
    await giveTotp(test, ada);
    const custom_data = { plan: { tier: 'gold', seats: 12 }, tags: ['vip', true], note: null };
    await test.app.users.update(system, ada.id, { custom_data });
    ({ page, complaints } = await enterInChromium(browser, test, 'owner@example.com'));
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });
  afterEach(() => expect(complaints).toEqual([]));

  const open = (part: string) => page.goto(`${test.issuer}/console/users/${ada.id}${part && `/${part}`}`);
  const nameOf = (part: string) => `console-user-${part || 'profile'}`;
  const isTooWide = () => page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  it.each([...PARTS, ...BELOW])('can be read by everybody, in light and dark: %j', async (part) => {
    await open(part);
    await picture(page, nameOf(part));
    expect(await axeViolations(page)).toEqual([]);
    await changeLook(page, { colorScheme: 'dark' });
    expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
    if (['security', 'custom-data'].includes(part)) await picture(page, `${nameOf(part)}-dark`);
    await changeLook(page, { colorScheme: 'light' });
  });

  it('fits on a phone, also in Arabic', async () => {
    await page.setViewportSize({ width: 390, height: 844 });
    for (const part of [...PARTS, ...BELOW]) {
      await open(part);
      expect({ part, isTooWide: await isTooWide() }).toEqual({ part, isTooWide: false });
      if (['activity', 'custom-data'].includes(part)) await picture(page, `${nameOf(part)}-phone`);
    }
    await page.setViewportSize({ width: 1280, height: 800 });
    for (const part of ['groups', 'security', 'custom-data']) {
      await page.goto(`${test.issuer}/console/users/${ada.id}/${part}?ui_locales=ar`);
      await picture(page, `${nameOf(part)}-arabic`);
    }
  });

  it('has the custom data as a tree for the keyboard', async () => {
    await open('custom-data');
    const text = page.locator('#custom_data');
    expect(await text.isHidden()).toBe(true);
    await page.getByRole('textbox', { name: 'Value of tier' }).fill('silver');
    await page.getByRole('textbox', { name: 'Value of tier' }).press('Enter');
    await page.keyboard.type('since');
    await page.keyboard.press('Tab');
    await page.keyboard.type('Number');
    await page.keyboard.press('Tab');
    await page.keyboard.type('2026');
    await page.getByRole('button', { name: 'Remove note' }).press('Enter');
    expect(JSON.parse(await text.inputValue())).toEqual({
      plan: { tier: 'silver', since: 2026, seats: 12 },
      tags: ['vip', true],
    });
    expect(await axeViolations(page)).toEqual([]);
    await page.getByRole('button', { name: 'Edit as text' }).click();
    await text.fill('{"plan": ');
    await page.getByRole('button', { name: 'Edit as a tree' }).click();
    expect(await text.isVisible()).toBe(true);
    await text.fill('{"plan": {"tier": "bronze"}}');
    await page.getByRole('button', { name: 'Edit as a tree' }).click();
    await page.getByRole('textbox', { name: 'Value of tier' }).fill('iron');
    await page.click('#save');
    await page.getByText('Profile saved.').waitFor();
    expect((await test.app.users.get(ada.id)).customData).toEqual({ plan: { tier: 'iron' } });
  });

  it('shows both versions to the second of two', async () => {
    await open('');
    await page.getByLabel('First name').fill('Augusta');
    await test.app.users.update(system, ada.id, { first_name: 'Ada Augusta' });
    await page.click('#save');
    await page.getByText('Someone else changed this', { exact: true }).waitFor();
    await picture(page, 'console-user-conflict');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('#save');
    await page.getByText('Profile saved.').waitFor();
    expect((await test.app.users.get(ada.id)).firstName).toBe('Augusta');
  });
});
