import type { Page } from 'playwright-core';
import { axeViolations } from '../../support/accessibility.ts';
import { describeInBrowser, picture } from '../../support/browser.ts';
import { startConsole, type ConsoleBrowser } from '../../support/console-browser.ts';
import { findUser } from '../../support/console.ts';
import { lightPhone } from '../../support/looks.ts';
import { giveGroup, giveUser } from '../../support/app.ts';

/** A console with two groups, and one administrator who is signed in for all steps of a guide. */
function followGuide(enter: (on: ConsoleBrowser) => ReturnType<ConsoleBrowser['enter']>) {
  let on: ConsoleBrowser;
  let page: Page;
  let complaints: string[];
  beforeAll(async () => {
    on = await startConsole();
    for (const name of ['Navigators', 'Pilots']) await giveGroup(on.test, name);
    ({ page, complaints } = await enter(on));
  });
  afterAll(() => on.stop());
  afterEach(() => expect(complaints).toEqual([]));
  return {
    get page() {
      return page;
    },
    find: (username: string) => findUser(on.test, username),
  };
}

describeInBrowser('the guide "Manage customer user accounts"', () => {
  const guide = followGuide((on) => on.enter());
  const manageUsers = async () => {
    const { page } = guide;
    await page.getByRole('list', { name: 'Manage' }).getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  };

  describe('create customer user', () => {
    it('1. Manage > Users from the left navigation', async () => {
      const { page } = guide;
      await manageUsers();
      await picture(page, 'console-users');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('2. New User, and Customer', async () => {
      const { page } = guide;
      await page.getByText('New user', { exact: true }).click();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByRole('link', { name: /^Customer/ }).click();
    });

    it('3. the address, first and last name, and the method to set the password', async () => {
      const { page } = guide;
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
      const { page } = guide;
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByText('Which groups is grace@example.com in?').waitFor();
    });

    it('7. some groups', async () => {
      const { page } = guide;
      await page.getByLabel('Search groups').fill('pil');
      await page.locator('.picker-item', { hasText: 'Navigators' }).waitFor({ state: 'detached' });
      await page.getByLabel('Pilots').check();
      await picture(page, 'console-new-user-groups');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('8. Finish', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.getByText('User created. Share the temporary password with them.').waitFor();
      await picture(page, 'console-user');
      expect(await axeViolations(page)).toEqual([]);
      expect(await guide.find('grace@example.com')).toMatchObject({ firstName: 'Grace', passwordIsTemporary: true });
    });
  });

  describe('assign groups', () => {
    it('1. Manage > Users', manageUsers);

    it('2. Edit on the user', async () => {
      const { page } = guide;
      await page.getByRole('link', { name: 'Edit grace@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Grace Hopper' }).waitFor();
    });

    it('3. Groups, and assign; what was a mistake is undone', async () => {
      const { page } = guide;
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
      expect((await guide.find('grace@example.com'))?.memberships).toHaveLength(2);
    });
  });

  describe('delete customer user', () => {
    it('1. and 2. Manage, Users', manageUsers);

    it('3. Delete on the user', async () => {
      const { page } = guide;
      await page.getByRole('link', { name: 'Delete grace@example.com' }).click();
      await page.getByText('2 group memberships: Navigators, Pilots').waitFor();
      await picture(page, 'console-user-delete');
      expect(await axeViolations(page)).toEqual([]);
    });

    it("4. the user's username, and no other", async () => {
      const { page } = guide;
      await page.getByLabel('Or type grace@example.com').fill('ada@example.com');
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('This does not match the username.').waitFor();
      expect(await axeViolations(page)).toEqual([]);
      await page.getByLabel('Or type grace@example.com').fill('grace@example.com');
    });

    it('5. Confirm', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('User deleted.').waitFor();
      expect(await guide.find('grace@example.com')).toBeUndefined();
    });
  });
});

/** On a phone, by a collaborator who looks after customers and their groups. */
describeInBrowser('the guide "Manage customers"', () => {
  const guide = followGuide(async (on) => {
    await giveUser(on.test, 'col@example.com', { kind: 'administrator', adminRoles: ['users', 'groups'] });
    return on.enter({ login: 'col@example.com', options: lightPhone });
  });
  const manageUsers = async () => {
    const { page } = guide;
    await page.getByText('Menu', { exact: true }).click();
    await page.getByRole('list', { name: 'Manage' }).getByRole('link', { name: 'Users' }).click();
    await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  };

  describe('onboard a customer', () => {
    it('1. Manage > Users', manageUsers);

    it('2. New User, and Customer from the list', async () => {
      const { page } = guide;
      await page.getByText('New user', { exact: true }).click();
      await picture(page, 'console-phone-users');
      await page.getByRole('link', { name: /^Customer/ }).click();
    });

    it('3. the details, and an invitation', async () => {
      const { page } = guide;
      await page.locator('#username').fill('ada@example.com');
      await page.getByLabel('First name').fill('Ada');
      await page.getByLabel('Send an invitation').check();
      await picture(page, 'console-phone-new-user');
      expect(await axeViolations(page)).toEqual([]);
    });

    it('4. Next', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Next', exact: true }).click();
      await page.getByText('Which groups is ada@example.com in?').waitFor();
    });

    it('5. no groups, since none are required; 6. Finish', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Finish' }).click();
      await page.getByText('Invitation sent').waitFor();
      expect(await guide.find('ada@example.com')).toMatchObject({ status: 'invited', memberships: [] });
      await picture(page, 'console-phone-user');
    });
  });

  describe('assign groups', () => {
    it('1. Manage > Users', manageUsers);

    it('2. Edit for the user', async () => {
      const { page } = guide;
      await page.getByRole('link', { name: 'Edit ada@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Ada' }).waitFor();
    });

    it('3. Groups, and several at once', async () => {
      const { page } = guide;
      await page.getByRole('navigation', { name: 'User sections' }).getByRole('link', { name: 'Groups' }).click();
      await page.getByLabel('Navigators').check();
      await page.getByLabel('Pilots').check();
      await page.getByRole('button', { name: 'Add to selected groups' }).click();
      await page.getByText('Added to groups.').waitFor();
      await picture(page, 'console-phone-user-groups');
      expect((await guide.find('ada@example.com'))?.memberships).toHaveLength(2);
    });
  });

  describe('delete a customer', () => {
    it('1. Manage > Users; 2. view all', async () => {
      const { page } = guide;
      await manageUsers();
      await page.getByText('ada@example.com').waitFor();
    });

    it('3. Delete for the user', async () => {
      const { page } = guide;
      await page.getByRole('link', { name: 'Delete ada@example.com' }).click();
      await page.getByRole('heading', { level: 1, name: 'Delete user' }).waitFor();
    });

    it('4. the checkbox, without which nothing is deleted', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('Tick this box or type the username below.').waitFor();
      await picture(page, 'console-phone-user-delete');
      expect(await axeViolations(page)).toEqual([]);
      expect(await guide.find('ada@example.com')).toBeDefined();
      await page.getByLabel('I understand that this cannot be undone').check();
    });

    it('5. Confirm', async () => {
      const { page } = guide;
      await page.getByRole('button', { name: 'Delete user' }).click();
      await page.getByText('User deleted.').waitFor();
      expect(await guide.find('ada@example.com')).toBeUndefined();
    });
  });
});
