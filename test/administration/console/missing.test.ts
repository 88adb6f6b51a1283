import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

describe('what is not there in the console', () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string, by = browser) => by.open(`${test.issuer}${path}`);

  it.each([
    ['/console/users/ffffffffffffffff', '/console/users'],
    ['/console/users/abc', '/console/users'],
    ['/console/groups/ffffffffffffffff/members', '/console/groups'],
    ['/console/jobs/abc', '/console/jobs'],
    ['/console/nothing', '/console'],
    ['/console/users/abc/nothing/at/all', '/console'],
  ])('%s is said under the menu, with the way back', async (path, list) => {
    const { status, html } = await open(path);
    expect([status, html]).toEqual([404, expect.stringContaining('Page not found')]);
    expect(html).toContain('class="console-menu"');
    expect(html).toContain(`id="back" href="${list}"`);
  });

  it('is not told to who is no administrator', async () => {
    await giveUser(test, 'ada@example.com');
    const { page } = await enterConsole(test, 'ada@example.com', '/console/nothing');
    expect([page.status, page.html]).toEqual([403, expect.stringContaining('Administrators only')]);
  });

  it('was not done, whatever an address says', async () => {
    expect((await open('/console/users?done=user_deleted')).html).not.toContain('User deleted');
    const role = await giveRole(test, 'Editor');
    await giveGroup(test, 'Editors', [], [role.id]);
    const page = await open(`/console/roles/${role.id}/delete`);
    const deleted = await browser.press(page, 'confirm', { confirmed: 'yes' });
    expect(deleted.html).toContain('Role deleted.');
    expect((await open('/console/users?done=role_deleted')).html).not.toContain('Role deleted.');
  });
});
