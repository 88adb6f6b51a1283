import type { Browser, Page } from 'playwright-core';
import { system } from '../../../src/platform/actor.ts';
import { consolePagesOf } from '../../../src/administration/console/module.ts';
import {
  axeViolations,
  changeLook,
  darkPhone,
  describeInBrowser,
  connectToChromium,
  picture,
  strayWords,
  type Look,
} from '../../support/browser.ts';
import { enterInChromium } from '../../support/console.ts';
import { giveApplication, giveGroup, givePerson, giveRole, startApp, type TestApp } from '../../support/app.ts';

const desktop = { width: 1280, height: 800 };
const LOOKS: Look[] = [
  { viewport: darkPhone.viewport, colorScheme: 'dark' },
  { viewport: desktop, colorScheme: 'light' },
  { viewport: desktop, colorScheme: 'dark' },
  { viewport: darkPhone.viewport, colorScheme: 'light' },
];

/** Each page as it is found first; in every look and from the right too with `COHORT_TEST_LOOKS=all`. */
const isThorough = process.env['COHORT_TEST_LOOKS'] === 'all';

/** Pages that answer with a file. */
const FILES = ['/console/audit/export', '/console/jobs/:job_id/file'];

describeInBrowser('every page of the console', () => {
  let test: TestApp;
  let browser: Browser;
  let addresses: string[];
  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    addresses = await addressesOf(test);
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });

  async function faultsOf(page: Page, name: string): Promise<string[]> {
    const faults: string[] = [];
    for (const look of isThorough ? LOOKS : LOOKS.slice(0, 1)) {
      await changeLook(page, look);
      const { width } = look.viewport;
      const title = `${name} ${width} ${look.colorScheme}`.replaceAll('/', ' ').trim();
      await picture(page, title);
      const needed = Number(await page.evaluate('document.documentElement.scrollWidth'));
      const tooWide = needed > width ? [`is ${needed} wide`] : [];
      faults.push(
        ...[...(await axeViolations(page)), ...(await strayWords(page)), ...tooWide].map(
          (fault) => `${title}: ${fault}`,
        ),
      );
    }
    return faults;
  }

  it.each(isThorough ? ['en', 'ar'] : ['en'])(
    'pleases axe and fits on a phone: %s',
    async (language) => {
      const { page, complaints, close } = await enterInChromium(browser, test, 'owner@example.com', '/console');
      await page.setExtraHTTPHeaders({ 'accept-language': language });
      const faults: string[] = [];
      for (const address of addresses) {
        const reply = await page.goto(`${test.issuer}${address}`);
        if (reply?.status() !== 200) faults.push(`${address}: ${reply?.status()}`);
        faults.push(...(await faultsOf(page, `${language} ${address}`)));
      }
      expect([...faults, ...complaints]).toEqual([]);
      await close();
    },
    900_000,
  );
});

/** Where every page is, about somebody and something that has a little of everything. */
async function addressesOf(test: TestApp): Promise<string[]> {
  await givePerson(test, 'owner@example.com', { kind: 'administrator', firstName: 'Olive', lastName: 'Owner' });
  const ada = await givePerson(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
  const role = await giveRole(test, 'editor');
  const group = await giveGroup(test, 'Pilots', [ada.id], [role.id]);
  await test.app.memberships.addOwner(system, group.id, ada.id);
  await giveApplication(test);
  const application = await giveApplication(test, { name: 'Crew portal' });
  const job = await test.app.jobs.order(system, 'disable', { select: { user_ids: ['ffffffffffffffff'] } });
  await test.app.drainJobs();
  await test.app.statistics.countCustomers();
  await test.app.statistics.measureGroups();
  const grace = await givePerson(test, 'grace@example.com', { kind: 'administrator', adminRoles: ['users'] });
  const ids: Record<string, string> = {
    ...{ user_id: ada.id, group_id: group.id, role_id: role.id, client_id: application.id, job_id: job.id },
  };
  return consolePagesOf(test.issuer)
    .filter(({ path, show }) => show && !FILES.includes(path))
    .map(({ path }) =>
      path.startsWith('/console/administrators/')
        ? path.replace(':user_id', grace.id)
        : path.replace(/:(\w+)/g, (_, name: string) => ids[name]!),
    );
}
