import type { Page } from 'playwright-core';
import { system } from '../../../src/platform/actor.ts';
import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { changeLook, lightDesktop, lightPhone } from '../../support/looks.ts';
import { FORMS_BELOW, nameOf, pathOf, SECTIONS, startConsoleWithAda } from './user-page.ts';

describeInBrowser("a user's page in a browser", () => {
  let on: Awaited<ReturnType<typeof startConsoleWithAda>>;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    on = await startConsoleWithAda();
    ({ page, complaints } = await on.enter());
  });
  afterAll(() => on.stop());
  afterEach(() => expect(complaints).toEqual([]));

  const open = (section: string) => page.goto(`${on.test.issuer}${pathOf(on.ada, section)}`);
  const isTooWide = () => page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth');

  // `user.browser.exhaustive.test.ts` looks at every section.
  it('can be read by everybody', async () => {
    await open('security');
    expect(await axeViolations(page)).toEqual([]);
  });

  it('fits on a phone, also in Arabic', async () => {
    await changeLook(page, lightPhone);
    for (const section of [...SECTIONS, ...FORMS_BELOW]) {
      await open(section);
      expect({ section, isTooWide: await isTooWide() }).toEqual({ section, isTooWide: false });
      if (['activity', 'custom-data'].includes(section)) await picture(page, `${nameOf(section)}-phone`);
    }
    await changeLook(page, lightDesktop);
    for (const section of ['groups', 'security', 'custom-data']) {
      await page.goto(`${on.test.issuer}/console/users/${on.ada.id}/${section}?ui_locales=ar`);
      await picture(page, `${nameOf(section)}-arabic`);
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
    expect((await on.test.app.users.get(on.ada.id)).customData).toEqual({ plan: { tier: 'iron' } });
  });

  it('shows both versions to the second of two', async () => {
    await open('');
    await page.getByLabel('First name').fill('Augusta');
    await on.test.app.users.update(system, on.ada.id, { first_name: 'Ada Augusta' });
    await page.click('#save');
    await page.getByText('Someone else changed this', { exact: true }).waitFor();
    await picture(page, 'console-user-conflict');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('#save');
    await page.getByText('Profile saved.').waitFor();
    expect((await on.test.app.users.get(on.ada.id)).firstName).toBe('Augusta');
  });
});
