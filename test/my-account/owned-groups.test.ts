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

  it('set, extend and remove the end and the beginning of a membership, by the rules of the API', async () => {
    const owner = await giveUser(test, 'ivy@example.com');
    await test.app.users.update(system, owner.id, { zoneinfo: 'Europe/Berlin' });
    const member = await giveUser(test, 'jo@example.com');
    const group = await giveGroup(test, 'Guests', [member.id]);
    await test.app.memberships.addOwner(system, group.id, owner.id);
    const { browser } = await enter('ivy@example.com');
    const place = `/account/groups/${group.id}`;
    const list = await browser.open(at(place));
    expect(list.html).toContain(`${place}/members/${member.id}"`);
    const form = () => browser.open(at(`${place}/members/${member.id}`));
    const period = async () => {
      const { membership } = await test.app.memberships.member(group.id, member.id);
      return { from: membership.from?.toISOString(), until: membership.until?.toISOString(), by: membership.by };
    };
    const added = (await period()).by;

    const set = await browser.press(await form(), 'save', { until: '2099-07-01T12:00' });
    expect(set.html).toContain('Period saved.');
    expect(set.html).toMatch(/Until .*2099/);
    // Twelve in Berlin, in summer.
    expect(await period()).toEqual({ from: undefined, until: '2099-07-01T10:00:00.000Z', by: added });
    expect((await form()).html).toContain('value="2099-07-01T12:00"');
    await browser.press(await form(), 'save', { until: '2099-08-01T12:00' });
    for (const wrong of [{ until: '2001-01-01T00:00' }, { until: '2099-09-01T12:00', from: '2099-10-01T12:00' }]) {
      const refused = await browser.press(await form(), 'save', wrong);
      expect([refused.status, refused.html.includes('Enter a time in the future, after the beginning.')]).toEqual([
        400,
        true,
      ]);
      expect(refused.html).toContain(`value="${wrong.until}"`);
    }
    const unreadable = await browser.press(await form(), 'save', { from: 'tomorrow' });
    expect([unreadable.status, unreadable.html.includes('Enter a date and a time.')]).toEqual([400, true]);
    expect((await period()).until).toBe('2099-08-01T10:00:00.000Z');

    await browser.press(await form(), 'save', { from: '2099-01-01T00:00' });
    expect((await browser.open(at(place))).html).not.toContain('jo@example.com');
    const upcoming = await browser.open(at(`${place}?active=false`));
    expect(upcoming.html).toMatch(/jo@example\.com[\s\S]*From .*2099/);
    await browser.press(await form(), 'save', { from: '', until: '' });
    expect(await period()).toEqual({ from: undefined, until: undefined, by: added });

    const events = test.app.database.connection.collection('audit_events');
    const found = await events.find({ action: 'group.membership_changed', 'target.id': group.id }).toArray();
    expect(found.map(({ actor }) => (actor as { id: string }).id)).toEqual(Array(4).fill(owner.id));
  });

  it('lose no seconds of a time that they do not change', async () => {
    const owner = await giveUser(test, 'kim@example.com');
    const member = await giveUser(test, 'lee@example.com');
    const group = await giveGroup(test, 'Seconds');
    await test.app.memberships.addOwner(system, group.id, owner.id);
    const until = new Date('2099-06-30T12:00:42Z');
    await test.app.memberships.add(system, group.id, { userIds: [member.id] }, () => ({ until }));
    const { browser } = await enter('kim@example.com');
    const form = await browser.open(at(`/account/groups/${group.id}/members/${member.id}`));
    await browser.press(form, 'save', { from: '2020-01-01T00:00' });
    const { membership } = await test.app.memberships.member(group.id, member.id);
    expect([membership.from, membership.until]).toEqual([new Date('2020-01-01T00:00:00Z'), until]);
  });

  it('change no membership of a group that they do not own, or do not own any more', async () => {
    const owner = await giveUser(test, 'max@example.com');
    const member = await giveUser(test, 'nia@example.com');
    const own = await giveGroup(test, 'Own one', [member.id]);
    const other = await giveGroup(test, 'Other one', [member.id]);
    await test.app.memberships.addOwner(system, own.id, owner.id);
    const { browser } = await enter('max@example.com');
    expect((await browser.open(at(`/account/groups/${other.id}/members/${member.id}`))).status).toBe(404);
    expect((await browser.open(at(`/account/groups/${own.id}/members/${owner.id}`))).status).toBe(404);
    const form = await browser.open(at(`/account/groups/${own.id}/members/${member.id}`));
    await test.app.memberships.removeOwner(system, own.id, owner.id);
    expect((await browser.press(form, 'save', { until: '2099-01-01T00:00' })).status).toBe(404);
    expect((await test.app.memberships.member(own.id, member.id)).membership.until).toBeUndefined();
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
