import type { Page } from 'playwright-core';
import { system } from '../../../src/platform/actor.ts';
import { everyGroup } from '../../../src/directory/groups/group-search.ts';
import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { emailsTo } from '../../support/emails.ts';
import { changeLook, darkPhone, lightDesktop, lightPhone } from '../../support/looks.ts';
import { giveGroup, giveUser, type TestApp } from '../../support/app.ts';

describeInBrowser('the dashboard, settings, audit log and jobs in the console', () => {
  let on: ConsoleBrowser;
  let test: TestApp;
  beforeAll(async () => {
    on = await startConsole();
    ({ test } = on);
    const ada = await giveUser(test, 'ada@example.com');
    await giveGroup(test, 'Pilots', [ada.id]);
  });
  afterAll(() => on.stop());

  const cells = (page: Page) => page.locator('tbody tr').allInnerTexts();

  /** Today for real, and four of the days before. */
  async function measureGroups() {
    const { items } = await test.app.groups.search(everyGroup, { list: '', limit: 1 });
    const before = [4, 8, 40, 30].map((members, index) => ({
      _id: new Date(Date.now() - (20 - 5 * index) * 24 * 3600 * 1000).toISOString().slice(0, 10) as never,
      groups: [{ id: items[0]!.id, members }],
    }));
    await test.app.database.connection.collection('group_sizes').insertMany(before);
    await test.app.statistics.measureGroups();
  }

  it('begin with what happens here, in numbers and as charts', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console' });
    await test.app.statistics.flush();
    await test.app.statistics.countCustomers();
    await measureGroups();
    await page.reload();
    expect(await page.locator('.console-panel.is-warning').innerText()).toContain('only one owner');
    expect(await page.locator('#sign_ins').innerText()).toMatch(/Sign-ins\s+1/);
    expect(await page.locator('#new_customers').innerText()).toMatch(/New customers\s+1/);
    expect(await page.locator('tr', { hasText: 'Pilots' }).innerText()).toMatch(/1\s+1–40\s+-3/);
    const line = page.getByRole('img', { name: 'Between 1 and 40 members from' });
    expect(await line.count()).toBe(1);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-dashboard');
    await changeLook(page, darkPhone);
    expect(await axeViolations(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
    await picture(page, 'console-dashboard-dark-phone');
    await page.setExtraHTTPHeaders({ 'accept-language': 'ar' });
    await changeLook(page, lightDesktop);
    await page.reload();
    await picture(page, 'console-dashboard-ar');
    expect(complaints).toEqual([]);
    await close();
  });

  it('show how it is set up, send a test email and replace the keys', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console/settings' });
    expect(await page.locator('.settings > div', { hasText: 'COHORT_ISSUER' }).innerText()).toContain(test.issuer);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-settings');
    await page.click('#send-test');
    await page.waitForURL(/done=email_sent/);
    expect((await emailsTo(test, 'owner@example.com')).map(({ subject }) => subject)).toContain('Test email');
    const before = await test.app.keys.list();
    await page.click('#rotate');
    await page.click('#confirm');
    await page.waitForURL(/done=keys_rotated/);
    expect((await test.app.keys.list()).length).toBe(before.length * 2);
    expect(complaints).toEqual([]);
    await close();
  });

  it('change what the environment leaves open, and keep what was typed where it cannot be', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console/settings' });
    await page.click('#edit');
    await page.fill('#COHORT_BRAND_NAME', 'Flying club');
    await page.fill('#COHORT_INVITATION_DAYS', 'many');
    await page.click('#save');
    await page.waitForSelector('#COHORT_INVITATION_DAYS-fault');
    expect(await page.inputValue('#COHORT_BRAND_NAME')).toBe('Flying club');
    expect(await page.locator('#COHORT_SIGN_IN_ATTEMPTS').count()).toBe(0);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-settings-edit');
    await page.fill('#COHORT_INVITATION_DAYS', '');
    await page.click('#save');
    await page.waitForURL(/done=settings_saved/);
    const changed = page.locator('details', { hasText: 'Changed in the console' });
    expect(await changed.locator('.settings > div', { hasText: 'COHORT_BRAND_NAME' }).innerText()).toContain(
      'Flying club',
    );
    expect(complaints.filter((complaint) => !complaint.includes('400'))).toEqual([]);
    await close();
  });

  it('show who did what, filtered, live and as a file', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console/audit' });
    expect((await cells(page)).join()).toContain('group.members_added');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-audit');
    expect(await page.locator('tbody a[href^="/console/users/"]').first().innerText()).toMatch(/@example\.com/);
    await page.fill('#target_name', 'Pilots');
    await page.click('#search');
    expect((await cells(page)).every((row) => row.includes('Pilots'))).toBe(true);
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#export')]);
    expect(file.suggestedFilename()).toBe('audit-events.jsonl');

    await page.goto(`${test.issuer}/console/audit?live=yes`);
    await test.app.roles.create(system, { name: 'Late role', description: '', requires_second_factor: false });
    await page.locator('tbody tr', { hasText: 'Late role' }).waitFor();
    expect(complaints).toEqual([]);
    await close();
  });

  it('take rows in, show how far they are, and what could not be done', async () => {
    const { page, complaints, close } = await on.enter({ path: '/console/jobs', options: lightPhone });
    await page.click('#import');
    await page.fill('#rows', 'username,groups\ngrace@example.com,Pilots\nnobody,Pilots\n');
    await page.uncheck('[name=dry_run]');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-import-phone');
    await page.click('#order');
    await page.waitForSelector('#job');
    await test.app.drainJobs();
    await page.getByRole('cell', { name: 'must be a valid email' }).waitFor();
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-job-phone');
    expect(
      (await test.app.users.search({ q: 'grace', sort: 'username', descending: false }, { list: '', limit: 1 })).items,
    ).toMatchObject([{ username: 'grace@example.com' }]);

    await page.goto(`${test.issuer}/console/jobs/export`);
    await page.click('#order');
    await test.app.drainJobs();
    const [file] = await Promise.all([page.waitForEvent('download'), page.click('#download')]);
    expect(file.suggestedFilename()).toBe('users.csv');
    await page.goto(`${test.issuer}/console/jobs`);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-jobs-phone');
    expect(complaints).toEqual([]);
    await close();
  });
});
