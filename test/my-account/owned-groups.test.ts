import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveGroup, giveUser, PASSWORD, startApp, type TestApp } from '../support/app.ts';

describe('owners of groups in My Account, without script', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  const at = (path: string) => `${test.issuer}${path}`;
  async function enter(login: string) {
    const browser = createPlainBrowser();
    const page = await browser.press(await browser.open(at('/account')), 'login-submit', { login, password: PASSWORD });
    return { browser, page };
  }
  const membersOf = async (groupId: string) => {
    const page = await test.app.memberships.membersOf(
      groupId,
      { sort: 'username', descending: false },
      { list: '', limit: 50 },
    );
    return page.items.map(({ username }) => username);
  };

  it('see and change who is in their own groups', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const bo = await giveUser(test, 'bo@example.com');
    const cy = await giveUser(test, 'cy@example.com');
    const group = await giveGroup(test, 'Pilots <b>', [bo.id]);
    await test.app.memberships.addOwner(system, group.id, ada.id);
    const { browser, page } = await enter('ada@example.com');
    expect(page.html).toMatch(/href="\S*\/account\/groups"/);
    expect((await browser.open(at('/account/groups'))).html).toContain('Pilots &lt;b&gt;');

    const address = at(`/account/groups/${group.id}`);
    const added = await browser.press(await browser.open(address), 'add', {
      usernames: 'CY@example.com',
      action: 'add',
    });
    expect(added.address).toContain('done=added');
    expect(await membersOf(group.id)).toEqual([bo.username, cy.username]);

    const removed = await browser.press(added, 'remove', { [`member:${cy.id}`]: 'yes', action: 'remove' });
    expect(await membersOf(group.id)).toEqual([bo.username]);
    await browser.press(removed, 'undo', { action: 'undo' });
    expect(await membersOf(group.id)).toEqual([bo.username, cy.username]);
  });

  it('see when a membership ends, and nobody whose membership has not begun', async () => {
    const [fay, gil, hal] = await Promise.all(
      ['fay', 'gil', 'hal'].map((name) => giveUser(test, `${name}@example.com`)),
    );
    const group = await giveGroup(test, 'Interns');
    await test.app.memberships.addOwner(system, group.id, fay!.id);
    const periods = {
      [gil!.id]: { until: new Date('2099-06-30T12:00:00Z') },
      [hal!.id]: { from: new Date('2098-01-01T12:00:00Z') },
    };
    const named = { userIds: [gil!.id, hal!.id] };
    await test.app.memberships.add(system, group.id, named, (id) => periods[id]!);
    const { browser } = await enter('fay@example.com');
    const { html } = await browser.open(at(`/account/groups/${group.id}`));
    expect(html).toMatch(/Until .*2099/);
    expect(html).not.toContain('hal@example.com');
  });

  it('are told which addresses nobody has, and the others are in', async () => {
    const owner = await giveUser(test, 'owner@example.com');
    await giveUser(test, 'known@example.com');
    const group = await giveGroup(test, 'Known');
    await test.app.memberships.addOwner(system, group.id, owner.id);
    const { browser } = await enter('owner@example.com');
    const form = await browser.open(at(`/account/groups/${group.id}`));
    const refused = await browser.press(form, 'add', {
      usernames: 'known@example.com\nnobody@example.com',
      action: 'add',
    });
    expect([refused.status, refused.html.includes('were skipped: nobody@example.com')]).toEqual([400, true]);
    expect(await membersOf(group.id)).toEqual(['known@example.com']);
    const invalid = await browser.press(form, 'add', { usernames: 'rubbish', action: 'add' });
    expect([invalid.status, invalid.html.includes('These are not valid: rubbish')]).toEqual([400, true]);
  });

  it('see nothing of other groups, and nothing any more once they own none', async () => {
    const dan = await giveUser(test, 'dan@example.com');
    const own = await giveGroup(test, 'Own');
    const other = await giveGroup(test, 'Other');
    await test.app.memberships.addOwner(system, own.id, dan.id);
    const { browser } = await enter('dan@example.com');
    expect((await browser.open(at(`/account/groups/${other.id}`))).status).toBe(404);
    const form = await browser.open(at(`/account/groups/${own.id}`));
    await test.app.memberships.removeOwner(system, own.id, dan.id);
    expect((await browser.press(form, 'add', { usernames: dan.username, action: 'add' })).status).toBe(404);
    expect(await membersOf(own.id)).toEqual([]);
    expect((await browser.open(at('/account'))).html).not.toMatch(/href="\S*\/account\/groups"/);
  });
});
