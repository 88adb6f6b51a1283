import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { darkPhone } from '../../support/looks.ts';
import { giveGroup, giveUser, giveRole } from '../../support/app.ts';

describeInBrowser('managing groups in the console, step by step', () => {
  let on: ConsoleBrowser;
  beforeAll(async () => {
    on = await startConsole();
  });
  afterAll(() => on.stop());

  const manageGroups = (page: Page) => page.click('nav >> text=Groups');
  const notice = (page: Page) => page.locator('.notice').innerText();
  const membersOf = async (name: string) => {
    const { items } = await on.test.app.groups.search({ name, customData: [], sort: 'name', descending: false }, one);
    const everybody = { sort: 'username', descending: false } as const;
    return (await on.test.app.memberships.membersOf(items[0]!.id, everybody, one)).items.map(
      ({ username }) => username,
    );
  };
  const one = { list: '', limit: 50 };

  it('create a group, assign users, remove users', async () => {
    await giveUser(on.test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    await giveUser(on.test, 'grace@example.com', { firstName: 'Grace', lastName: 'Hopper' });
    await giveUser(on.test, 'kay@example.com', { firstName: 'Kay', lastName: 'McNulty' });
    const { page, complaints, close } = await on.enter();

    // Create new group: 1. Manage > Groups, 2. New Group, 3. name and users, 4. Finish.
    await manageGroups(page);
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-groups');
    await page.click('#new-group');
    await page.fill('#name', 'Pilots');
    await page.fill('#user_q', 'zzz');
    await page.locator('[data-picker=user] .console-empty').waitFor();
    await page.fill('#user_q', 'ada');
    await page.locator('[data-picker=user] .picker-item', { hasText: 'grace' }).waitFor({ state: 'detached' });
    await page.check('[data-picker=user] .picker-item input');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-new-group');
    await page.click('#finish');
    await page.waitForURL(/done=group_created_with_members/);
    expect(await notice(page)).toContain('Group created');
    expect(await membersOf('Pilots')).toEqual(['ada@example.com']);

    // Add users to groups: 1. Manage > Groups, 2. the group, 3. Edit and Users, 4. Assign User, 5. select, 6. Save.
    await manageGroups(page);
    await page.click('tr:has-text("Pilots") >> text=Edit');
    await page.click('.console-tabs >> text=Members');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('#assign-user');
    await page.check('.picker-item:has-text("grace@example.com") input');
    await page.check('.picker-item:has-text("kay@example.com") input');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-group-assign');
    await page.click('#save');
    await page.waitForURL(/done=members_added/);
    expect(await membersOf('Pilots')).toEqual(['ada@example.com', 'grace@example.com', 'kay@example.com']);

    // Remove users from groups: 1. Manage > Groups, 2. the group, 3. Users, 4. the Edit icon, 5. deselect, 6. Save.
    await manageGroups(page);
    await page.click('th >> text=Pilots');
    await page.click('.console-tabs >> text=Members');
    await page.click('#edit-members');
    await page.uncheck('.picker-item:has-text("ada@example.com") input');
    await page.uncheck('.picker-item:has-text("kay@example.com") input');
    await picture(page, 'console-group-members-edit');
    expect(await axeViolations(page)).toEqual([]);
    await page.click('#save');
    await page.waitForURL(/done=members_removed/);
    expect(await membersOf('Pilots')).toEqual(['grace@example.com']);
    await page.click('#undo');
    await page.waitForURL(/done=members_added/);
    expect(await membersOf('Pilots')).toEqual(['ada@example.com', 'grace@example.com', 'kay@example.com']);
    expect(complaints).toEqual([]);
    await close();
  });

  it('a group with a title and roles opens its edit page with the success message', async () => {
    await giveRole(on.test, 'editor');
    await giveGroup(on.test, 'Staff');
    const { page, complaints, close } = await on.enter({ options: darkPhone });
    // 1. to the groups, 2. Create Group, 3. the title, 4. one or more roles, 5. Save.
    await page.click('.console-menu-fold summary');
    await manageGroups(page);
    await page.click('#new-group');
    await page.fill('#name', 'Editors');
    await page.fill('#parent', 'staff');
    await page.check('[data-picker=role] .picker-item:has-text("editor") input');
    await picture(page, 'console-new-group-phone-dark');
    await page.click('#finish');
    await page.waitForURL(/\/console\/groups\/[0-9a-f]{16}\?done=group_created$/);
    expect(await page.inputValue('#name')).toBe('Editors');
    expect(await page.inputValue('#parent')).toBe('Staff');
    expect(await page.isChecked('[data-picker=role] .picker-item:has-text("editor") input')).toBe(true);
    expect(await notice(page)).toContain('Group created');
    expect(await axeViolations(page)).toEqual([]);
    await picture(page, 'console-group-phone-dark');

    await page.goto(`${on.test.issuer}/console/groups/new`);
    await page.fill('#name', 'EDITORS');
    await page.click('#finish');
    expect(await page.locator('#name-fault').innerText()).toMatch(
      /The group .*\/Editors has this name. “EDITORS 2” is available/,
    );
    expect(await page.inputValue('#name')).toBe('EDITORS');
    expect(complaints).toEqual([]);
    await close();
  });
});
