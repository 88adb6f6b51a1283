import type { Browser, Page } from 'playwright-core';
import { axeViolations, describeInBrowser, connectToChromium, picture } from '../../support/browser.ts';
import { enterInChromium, findPerson } from '../../support/console.ts';
import { giveGroup, givePerson, startApp, type TestApp } from '../../support/app.ts';

describeInBrowser('the guide "Manage customer user accounts"', () => {
  let test: TestApp;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    await givePerson(test, 'owner@example.com', { kind: 'administrator', firstName: 'Olive', lastName: 'Owner' });
    await giveGroup(test, 'Navigators');
    await giveGroup(test, 'Pilots');
    ({ page, complaints } = await enterInChromium(browser, test, 'owner@example.com'));
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });
  afterEach(() => expect(complaints).toEqual([]));

  const manageUsers = async () => {
    await page.getByRole('list', { name: 'Manage' }).getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  };
  const find = (username: string) => findPerson(test, username);

  describe('create customer user', () => {
    it('1. Manage > Users from the left navigation', async () => {
      await manageUsers();
      await picture(page, 'console-users');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('2. New User, and Customer', async () => {
      await page.getByText('New user', { exact: true }).click();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('link', { name: /^Customer/ }).click();
    });

    it('3. the address, first and last name, and the method to set the password', async () => {
      await page.locator('#username').fill('grace@example.com');
      await page.getByLabel('First name').fill('Grace');
      await page.getByLabel('Last name').fill('Hopper');
      expect(await page.getByText('It must be unique and cannot be changed later').isVisible()).toBe(true);
      await page.getByLabel('Set a temporary password').check();
      await page.getByRole('button', { name: 'Generate' }).click();
      expect(await page.inputValue('#temporary_password')).toMatch(/^.{16}$/);
      expect(await page.locator('#password-rules .is-kept').count()).toBe(5);
      await picture(page, 'console-new-user');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('6. Next', async () => {
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByText('Which groups is grace@example.com in?').waitFor();
    });

    it('7. some groups', async () => {
      await page.getByLabel('Search groups').fill('pil');
      await page.locator('.picker-item', { hasText: 'Navigators' }).waitFor({ state: 'detached' });
      await page.getByLabel('Pilots').check();
      await picture(page, 'console-new-user-groups');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('8. Finish', async () => {
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.getByText('User created. Share the temporary password with them.').waitFor();
      await picture(page, 'console-user');
      expect(await axeViolations(page)).toEqual([]);
      expect(await find('grace@example.com')).toMatchObject({ firstName: 'Grace', passwordIsTemporary: true });
    });
  });

  describe('assign groups', () => {
    it('1. Manage > Users', manageUsers);

    it('2. Edit on the user', async () => {
      await page.getByRole('link', { name: 'Edit grace@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Grace Hopper' }).waitFor();
    });

    it('3. Groups, and assign; what was a mistake is undone', async () => {
      await page.getByRole('navigation', { name: 'User sections' }).getByRole('link', { name: 'Groups' }).click();
      await page.getByLabel('Navigators').check();
      await page.getByRole('button', { name: 'Add to selected groups' }).click();
      await page.getByText('Added to groups.').waitFor();
      await picture(page, 'console-user-groups');
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Removed from groups.').waitFor();
      await page.getByRole('button', { name: 'Undo' }).click();
      await page.getByText('Added to groups.').waitFor();
      expect((await find('grace@example.com'))?.memberships).toHaveLength(2);
    });
  });

  describe('delete customer user', () => {
    it('1. and 2. Manage, Users', manageUsers);

    it('3. Delete on the user', async () => {
      await page.getByRole('link', { name: 'Delete grace@example.com' }).click();
      await page.getByText('2 group memberships: Navigators, Pilots').waitFor();
      await picture(page, 'console-user-delete');
      expect(await axeViolations(page)).toEqual([]);
    });

    it("4. the user's username, and no other", async () => {
      await page.getByLabel('Or type grace@example.com').fill('ada@example.com');
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('This does not match the username.').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByLabel('Or type grace@example.com').fill('grace@example.com');
    });

    it('5. Confirm', async () => {
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('User deleted.').waitFor();
      expect(await find('grace@example.com')).toBeUndefined();
    });
  });
});
