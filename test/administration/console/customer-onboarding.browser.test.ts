import type { Browser, Page } from 'playwright-core';
import { axeViolations, describeInBrowser, connectToChromium, picture } from '../../support/browser.ts';
import { enterInChromium, findPerson } from '../../support/console.ts';
import { giveGroup, givePerson, startApp, type TestApp } from '../../support/app.ts';

/** On a phone, by a collaborator who looks after customers and their groups. */
describeInBrowser('the guide "Manage customers"', () => {
  let test: TestApp;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    test = await startApp();
    browser = await connectToChromium();
    await givePerson(test, 'owner@example.com', { kind: 'administrator' });
    await givePerson(test, 'col@example.com', { kind: 'administrator', adminRoles: ['users', 'groups'] });
    await giveGroup(test, 'Pilots');
    await giveGroup(test, 'Navigators');
    ({ page, complaints } = await enterInChromium(browser, test, 'col@example.com'));
    await page.setViewportSize({ width: 390, height: 844 });
  });
  afterAll(async () => {
    await browser.close();
    await test.tearDown();
  });
  afterEach(() => expect(complaints).toEqual([]));

  const manageUsers = async () => {
    await page.getByText('Menu', { exact: true }).click();
    await page.getByRole('list', { name: 'Manage' }).getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  };
  const find = (username: string) => findPerson(test, username);

  describe('onboard a customer', () => {
    it('1. Manage > Users', manageUsers);

    it('2. New User, and Customer from the list', async () => {
      await page.getByText('New user', { exact: true }).click();
      await picture(page, 'console-phone-users');
      await page.getByRole('link', { name: /^Customer/ }).click();
    });

    it('3. the details, and an invitation', async () => {
      await page.locator('#username').fill('ada@example.com');
      await page.getByLabel('First name').fill('Ada');
      await page.getByLabel('Send an invitation').check();
      await picture(page, 'console-phone-new-user');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('4. Next', async () => {
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByText('Which groups is ada@example.com in?').waitFor();
    });

    it('5. no groups, since none are required; 6. Finish', async () => {
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.getByText('Invitation sent').waitFor();
      expect(await find('ada@example.com')).toMatchObject({ status: 'invited', memberships: [] });
      await picture(page, 'console-phone-user');
    });
  });

  describe('assign groups', () => {
    it('1. Manage > Users', manageUsers);

    it('2. Edit for the user', async () => {
      await page.getByRole('link', { name: 'Edit ada@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Ada' }).waitFor();
    });

    it('3. Groups, and several at once', async () => {
      await page.getByRole('navigation', { name: 'User sections' }).getByRole('link', { name: 'Groups' }).click();
      await page.getByLabel('Navigators').check();
      await page.getByLabel('Pilots').check();
      await page.getByRole('button', { name: 'Add to selected groups' }).click();
      await page.getByText('Added to groups.').waitFor();
      await picture(page, 'console-phone-user-groups');
      expect((await find('ada@example.com'))?.memberships).toHaveLength(2);
    });
  });

  describe('delete a customer', () => {
    it('1. Manage > Users; 2. view all', async () => {
      await manageUsers();
      await page.getByText('ada@example.com').waitFor();
    });

    it('3. Delete for the user', async () => {
      await page.getByRole('link', { name: 'Delete ada@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Delete user' }).waitFor();
    });

    it('4. the checkbox, without which nothing is deleted', async () => {
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('Tick this box or type the username below.').waitFor();
      await picture(page, 'console-phone-user-delete');
      expect(await axeViolations(page)).toEqual([]);
      expect(await find('ada@example.com')).toBeDefined();
      await page.getByLabel('I understand that this cannot be undone').check();
    });

    it('5. Confirm', async () => {
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('User deleted.').waitFor();
      expect(await find('ada@example.com')).toBeUndefined();
    });
  });
});
