import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { changeLook } from '../../support/looks.ts';
import { FORMS_BELOW, nameOf, pathOf, SECTIONS, startConsoleWithAda } from './user-page.ts';

describeInBrowser("every section of a user's page", () => {
  let on: Awaited<ReturnType<typeof startConsoleWithAda>>;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    on = await startConsoleWithAda();
    ({ page, complaints } = await on.enter());
  });
  afterAll(() => on.stop());
  afterEach(() => expect(complaints).toEqual([]));

  it.each([...SECTIONS, ...FORMS_BELOW])('can be read by everybody, in light and dark: %j', async (section) => {
    await page.goto(`${on.test.issuer}${pathOf(on.ada, section)}`);
    await picture(page, nameOf(section));
    expect(await axeViolations(page)).toEqual([]);
    await changeLook(page, { colorScheme: 'dark' });
    expect(await axeViolations(page, ['color-contrast'])).toEqual([]);
    if (['security', 'custom-data'].includes(section)) await picture(page, `${nameOf(section)}-dark`);
    await changeLook(page, { colorScheme: 'light' });
  });
});
