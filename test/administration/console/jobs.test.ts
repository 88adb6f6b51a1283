import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveUser, startApp, type TestApp } from '../../support/app.ts';

describe("the console's pages of jobs, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/jobs'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string) => browser.open(`${test.issuer}${path}`);
  const roles = () => test.app.database.connection.collection('roles').countDocuments();

  async function order(fields: Record<string, string>) {
    const page = await open('/console/jobs/import');
    const ordered = await browser.press(page, 'order', { type: 'roles', format: 'csv', memberships: 'add', ...fields });
    await test.app.drainJobs();
    return browser.open(ordered.address);
  }

  it('say of a trial that nothing was written, and lead on to the import', async () => {
    const tried = await order({ rows: 'name\nEditor\n', dry_run: 'true' });
    expect(tried.html).toContain('Dry run: nothing changed');
    expect(tried.html).toMatch(/Would be created<\/dt>\s*<dd><bdi>1</);
    expect(await roles()).toBe(0);
    expect((await open('/console/jobs')).html).toContain('Dry run: nothing changed');
    const applied = await browser.press(tried, 'apply');
    await test.app.drainJobs();
    const done = await browser.open(applied.address);
    expect(done.html).toMatch(/Created<\/dt>\s*<dd><bdi>1</);
    expect(done.html).not.toContain('Dry run: nothing changed');
    expect(await roles()).toBe(1);
  });

  it('show an import as failed when its header cannot be used, and which columns there are', async () => {
    const failed = await order({ rows: 'name,shoe_size\nReader,38\n' });
    expect(failed.html).toMatch(/tag-bad">Failed</);
    expect(failed.html).toContain('shoe_size: is not a column of this type');
    expect((await open('/console/jobs/import')).html).toContain('requires_second_factor');
  });

  it('rename groups whose name another group has where the box is ticked', async () => {
    const rows = 'path\n/Red\n/Red/Crew\n/Blue\n/Blue/Crew\n';
    const tried = await order({ type: 'groups', rows, dry_run: 'true' });
    expect(tried.html).toMatch(/Would fail<\/dt>\s*<dd><bdi>1</);
    const done = await order({ type: 'groups', rows, rename_groups: 'true', dry_run: '' });
    expect(done.html).toMatch(/Created<\/dt>\s*<dd><bdi>4</);
  });

  it('say that none is like what was asked for', async () => {
    expect((await open('/console/jobs?status=cancelled')).html).toContain('No jobs match this filter.');
  });
});
