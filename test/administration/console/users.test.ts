import { writeDeferred } from '../../../src/platform/db/deferred-writes.mongo.ts';
import { system } from '../../../src/platform/actor.ts';
import { readJsonText } from '../../../src/platform/json-text.ts';
import type { PlainBrowser, Visit } from '../../../src/demo/plain-browser.ts';
import { enterConsole, findUser } from '../../support/console.ts';
import { giveTotp } from '../../support/factors.ts';
import { giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp, PASSWORD } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe("the console's pages of users, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  let offset = 0;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com'));
  });
  afterAll(() => test.tearDown());
  // The provider notes sign-ins by the clock of the machine, so a later one cannot stay.
  afterEach(() => {
    offset = 0;
  });

  const open = (path: string) => browser.open(`${test.issuer}${path}`);
  const place = (id: string, part = '') => `/console/users/${id}${part && `/${part}`}`;
  const faultOf = ({ html }: Visit, name: string) =>
    new RegExp(`id="${name}-fault">.*?<span>([^<]*)</span>`, 's').exec(html)?.[1];

  describe('the list', () => {
    it('is narrowed by the names of a group and of a role, in any case', async () => {
      const user = await giveUser(test, 'listed@example.com');
      const role = await giveRole(test, 'Listed role');
      await giveGroup(test, 'Listed group', [user.id], [role.id]);
      await giveUser(test, 'unlisted@example.com');
      for (const [field, name] of [
        ['group', 'listed GROUP'],
        ['role', 'listed ROLE'],
      ]) {
        const { html } = await open(`/console/users?${field}=${encodeURIComponent(name!)}`);
        expect([html.includes('>listed@'), html.includes('>unlisted@')]).toEqual([true, false]);
        expect((await open(`/console/users?${field}=Nothing`)).html).not.toContain('listed@example.com');
      }
    });

    it('says of each user which groups they are in, and of those in none, that there are none', async () => {
      const member = await giveUser(test, 'columns-1@example.com');
      await giveUser(test, 'columns-2@example.com');
      await giveGroup(test, 'Column B', [member.id]);
      await giveGroup(test, 'Column A', [member.id]);
      const { html } = await open('/console/users?q=columns&column:groups=yes');
      const cells = [...html.matchAll(/<td data-label="Groups">(.*?)<\/td>/gs)];
      const textOf = (cell: string) => cell.replace(/<[^>]*>/g, '').trim();
      expect(cells.map(([, cell = '']) => textOf(cell))).toEqual(['Column A, Column B', '–']);
    });
  });

  describe('the activity', () => {
    it('names each with a direction of its own', async () => {
      const { id } = await giveUser(test, 'doer@example.com');
      await giveGroup(test, 'مجموعة', [id]);
      const { html } = await open(place(id, 'activity'));
      expect(html).toContain('<bdi>مجموعة</bdi>, <bdi>doer@example.com</bdi>');
    });
  });

  describe('a filter', () => {
    it('that names nothing says so, with the names that begin so', async () => {
      await giveGroup(test, 'Zeppelin crew');
      await giveRole(test, 'Zeppelin captain');
      const faulty = await open('/console/users?group=zepp&role=zepp');
      expect([faultOf(faulty, 'group'), faultOf(faulty, 'role')]).toEqual(
        Array.from({ length: 2 }, () => 'No exact match.'),
      );
      expect(faulty.html).toContain('<option value="Zeppelin crew">');
      expect(faulty.html).toContain('<bdi>Zeppelin captain</bdi>');
    });
  });

  describe('a new customer', () => {
    it('keeps what was typed and says what is wrong beside the field', async () => {
      const page = await open('/console/users/new');
      const typed = { username: 'no address', first_name: 'Ada', last_name: 'L', method: 'password' };
      const faulty = await browser.press(page, 'next', { ...typed, temporary_password: 'weak' });
      expect([faulty.status, faultOf(faulty, 'username')]).toEqual([400, expect.stringContaining('Enter an email')]);
      expect(faulty.html).toContain('value="Ada"');
      const address = { username: 'new1@example.com' };
      const weak = await browser.press(faulty, 'next', { ...typed, ...address, temporary_password: 'weak' });
      expect(faultOf(weak, 'temporary_password')).toContain('requirements below');
      expect(weak.html).toContain('value="weak"');
      expect(weak.html).toMatch(/id="temporary_password"[^>]*autofocus/);
      expect(weak.html).not.toMatch(/id="username"[^>]*autofocus/);
      expect(weak.html).toContain('<a href="#temporary_password">');
      expect(weak.html.match(/class="is-broken"/g)).toHaveLength(4);
    });

    it('gets a password to keep, which is judged and shown like a temporary one', async () => {
      const page = await open('/console/users/new');
      const typed = { username: 'kept@example.com', method: 'permanent' };
      const weak = await browser.press(page, 'next', { ...typed, temporary_password: 'weak' });
      expect(faultOf(weak, 'temporary_password')).toContain('requirements below');
      expect(weak.html).toMatch(/value="permanent"\s+checked/);
      const made = await browser.press(weak, 'generate', typed);
      expect(made.html).toMatch(/value="permanent"\s+checked/);
      const groups = await browser.press(made, 'next', { ...typed, temporary_password: PASSWORD });
      const done = await browser.press(groups, 'finish');
      expect(done.html).toContain('Share the password with them');
      expect(done.html).toContain(`>${PASSWORD}</code>`);
      expect(await findUser(test, 'kept@example.com')).toMatchObject({ status: 'active', passwordIsTemporary: false });
      expect(await test.app.credentials.verify('kept@example.com', PASSWORD, { address: '192.0.2.1' })).toBeDefined();
    });

    it('gets a password that was made for them, and groups that were searched for', async () => {
      const fleet = await giveGroup(test, 'Fleet');
      const page = await open('/console/users/new');
      const made = await browser.press(page, 'generate', { username: 'new2@example.com', method: 'password' });
      const [, password = ''] = /id="temporary_password"[\s\S]*?value="([^"]+)"/.exec(made.html) ?? [];
      expect(password.replaceAll('&amp;', '&')).toHaveLength(16);
      const groups = await browser.press(made, 'next', { method: 'password' });
      const searched = await browser.press(groups, 'group-search', { group_q: 'fle' });
      const done = await browser.press(searched, 'finish', { [`group:${fleet.id}`]: 'yes' });
      expect(done.html).toContain('Share the temporary password');
      expect(done.html).toContain(`>${password}</code>`);
      expect(done.address + browser.cookies().join()).not.toContain(encodeURIComponent(password));
      expect(await findUser(test, 'new2@example.com')).toMatchObject({
        status: 'active',
        passwordIsTemporary: true,
        memberships: [{ group: fleet.id }],
      });
    });
  });

  describe('a new administrator', () => {
    it('gets roles in the second step, from an owner and from nobody else', async () => {
      const page = await open('/console/administrators/new');
      const roles = await browser.press(page, 'next', { username: 'col@example.com', method: 'invite' });
      await browser.press(roles, 'finish', { 'admin_role:groups': 'yes', 'admin_role:users': 'yes' });
      expect(await findUser(test, 'col@example.com')).toMatchObject({
        kind: 'administrator',
        status: 'invited',
        adminRoles: ['groups', 'users'],
      });
      await giveUser(test, 'helper@example.com', { kind: 'administrator', adminRoles: ['users'] });
      const { browser: theirs, page: form } = await enterConsole(test, 'helper@example.com', '/console/users/new');
      const forged = { ...form, html: form.html.replace('"/console/users/new"', '"/console/administrators/new"') };
      const fields = { username: 'friend@example.com', method: 'invite' };
      expect((await theirs.press(forged, 'next', fields)).status).toBe(403);
      expect(await findUser(test, 'friend@example.com')).toBeUndefined();
    });
  });

  describe('the profile', () => {
    it('keeps what was typed when it is refused, and says when it is saved', async () => {
      const { id } = await giveUser(test, 'dora@example.com', { firstName: 'Dora' });
      const page = await open(place(id));
      const typed = {
        first_name: 'Theo',
        last_name: 'Mär',
        picture: 'http://x.example.com/',
        locale: '',
        zoneinfo: '',
      };
      const faulty = await browser.press(page, 'save', typed);
      expect([faulty.status, faultOf(faulty, 'picture')]).toEqual([400, expect.stringContaining('https://')]);
      expect(faulty.html).toContain('value="Theo"');
      const saved = await browser.press(faulty, 'save', { ...typed, picture: '', zoneinfo: 'Europe/Berlin' });
      expect(saved.html).toContain('Profile saved.');
      expect(await test.app.users.get(id)).toMatchObject({ firstName: 'Theo', zoneinfo: 'Europe/Berlin' });
    });

    it('of two who edit it at once, tells the second, who sees both versions and decides', async () => {
      const { id } = await giveUser(test, 'two@example.com', { firstName: 'Ada', lastName: 'Byron' });
      const second = await open(place(id));
      const rest = { picture: '', locale: '', zoneinfo: '' };
      await browser.press(await open(place(id)), 'save', { ...rest, first_name: 'Augusta', last_name: 'Byron' });
      const told = await browser.press(second, 'save', { ...rest, first_name: 'Adele', last_name: 'Lovelace' });
      expect(told.status).toBe(412);
      expect(told.html).toContain('Someone else changed this');
      const values = [...told.html.matchAll(/console-value">([^<]*)</g)].map(([, value]) => value);
      expect(values).toEqual(['Adele', 'Augusta']);
      expect(told.html).toContain('value="Lovelace"');
      expect(await test.app.users.get(id)).toMatchObject({ firstName: 'Augusta', lastName: 'Byron' });
      const decided = await browser.press(told, 'save', rest);
      expect(decided.html).toContain('Profile saved.');
      expect(await test.app.users.get(id)).toMatchObject({ firstName: 'Adele', lastName: 'Lovelace' });
    });

    it('is saved although something changed that it does not show, and never without a version', async () => {
      const { id } = await giveUser(test, 'busy@example.com');
      const page = await open(place(id));
      offset += 60_000;
      test.app.users.noteSignIn(id);
      await writeDeferred(test.app.database.connection);
      const typed = { first_name: 'Busy', last_name: '', picture: '', locale: '', zoneinfo: '' };
      expect((await browser.press(page, 'save', typed)).html).toContain('Profile saved.');
      const blind = await browser.press(await open(place(id)), 'save', { ...typed, first_name: 'X', version: '' });
      expect(blind.status).toBe(412);
      expect(await test.app.users.get(id)).toMatchObject({ firstName: 'Busy' });
    });
  });

  describe('groups', () => {
    it('are added and taken away several at once, and either is undone', async () => {
      const { id } = await giveUser(test, 'member@example.com');
      const one = await giveGroup(test, 'Undo one');
      const two = await giveGroup(test, 'Undo two');
      const both = { [`group:${one.id}`]: 'yes', [`group:${two.id}`]: 'yes' };
      const groupsOf = async () => (await test.app.users.get(id)).memberships.map(({ group }) => group).sort();
      const added = await browser.press(await open(place(id, 'groups')), 'add-groups', both);
      expect(added.html).toContain('Added to groups.');
      expect(await groupsOf()).toEqual([one.id, two.id].sort());
      const removed = await browser.press(added, 'remove-groups', { [`group:${one.id}`]: 'yes' });
      expect(await groupsOf()).toEqual([two.id]);
      const back = await browser.press(removed, 'undo');
      expect(await groupsOf()).toEqual([one.id, two.id].sort());
      expect(back.html).toContain('id="undo"');
    });

    it('says and offers to undo only what was done in this browser', async () => {
      const { id } = await giveUser(test, 'lured@example.com');
      const lure = await open(`${place(id, 'groups')}?done=groups_removed&step=add`);
      expect(lure.html).not.toContain('Removed from groups.');
      expect(lure.html).not.toContain('id="undo"');
    });

    it('takes what two do at once as what both want', async () => {
      const { id } = await giveUser(test, 'wanted@example.com');
      const groups = await Promise.all(['Race a', 'Race b', 'Race c', 'Race d'].map((name) => giveGroup(test, name)));
      const page = await open(place(id, 'groups'));
      const visits = await Promise.all(
        groups.map(({ id: group }) => browser.press(page, 'add-groups', { [`group:${group}`]: 'yes' })),
      );
      expect(visits.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect((await test.app.users.get(id)).memberships).toHaveLength(4);
    });

    it('shows those that come with a group, and why, and the roles of all', async () => {
      const role = await giveRole(test, 'navigator');
      const outer = await giveGroup(test, 'Everybody aboard', [], [role.id]);
      const { id } = await giveUser(test, 'inner@example.com');
      const inner = await giveGroup(test, 'Bridge crew', [id]);
      await test.app.groups.update(system, inner.id, { parent_id: outer.id });
      const page = await open(place(id, 'groups'));
      expect(page.html.replace(/<[^>]*>|\s+/g, ' ').replace(/ +/g, ' ')).toContain(
        'Through Bridge crew › Everybody aboard',
      );
      const roles = await open(place(id, 'roles'));
      expect(roles.html).toContain('navigator');
      expect(roles.html).toContain('Everybody aboard');
    });
  });

  describe('the way in', () => {
    it('is closed and opened again', async () => {
      const { id } = await giveUser(test, 'out@example.com');
      const closed = await browser.press(await open(place(id, 'security')), 'disable');
      expect(closed.html).toContain('User disabled');
      expect((await test.app.users.get(id)).status).toBe('disabled');
      await browser.press(closed, 'undo');
      expect((await test.app.users.get(id)).status).toBe('active');
    });

    it('stays open for the last owner, and says so', async () => {
      const owner = await findUser(test, 'owner@example.com');
      const refused = await browser.press(await open(place(owner!.id, 'security')), 'disable');
      expect([refused.status, refused.html]).toEqual([409, expect.stringContaining('last active owner')]);
    });

    it('is unlocked after somebody guessed', async () => {
      const { id } = await giveUser(test, 'guessed@example.com');
      for (let guess = 0; guess < 4; guess += 1)
        await test.app.credentials.verify('guessed@example.com', 'Wrong#2026', { address: '192.0.2.1' });
      const page = await open(place(id, 'security'));
      expect(page.html).toContain('4 failed attempts');
      const unlocked = await browser.press(page, 'unlock');
      expect(unlocked.html).toContain('User unlocked.');
      expect(unlocked.html).not.toContain('failed attempts');
    });

    it('begins with an invitation, which is sent again and revoked', async () => {
      const page = await open('/console/users/new');
      const groups = await browser.press(page, 'next', { username: 'guest@example.com', method: 'invite' });
      const made = await browser.press(groups, 'finish');
      const { id } = (await findUser(test, 'guest@example.com'))!;
      expect(made.html).toContain('Invitation sent');
      const again = await browser.press(await open(place(id, 'security')), 'invite');
      expect(again.html).toContain('Earlier links no longer work.');
      const revoked = await browser.press(again, 'revoke');
      expect(revoked.html).toContain('Invitation revoked');
      expect(await test.app.invitations.get(id)).toMatchObject({ state: 'revoked' });
      expect(revoked.html).not.toContain('id="revoke"');
      await browser.press(revoked, 'invite');
      expect(await test.app.invitations.get(id)).toMatchObject({ state: 'sent' });
    });

    it('gets a temporary password, from whoever signed in just now', async () => {
      const { id } = await giveUser(test, 'forgot@example.com');
      const page = await open(place(id, 'password'));
      const weak = await browser.press(page, 'save', { temporary_password: 'weak' });
      expect([weak.status, weak.html]).toEqual([400, expect.stringContaining('value="weak"')]);
      offset += 6 * 60_000;
      const asked = await browser.press(weak, 'save', { temporary_password: 'Wander#2026' });
      expect(asked.html).toContain('login-submit');
      expect((await test.app.users.get(id)).passwordIsTemporary).toBe(false);
      offset = 0;
      const made = await browser.press(await open(place(id, 'password')), 'generate');
      const done = await browser.press(made, 'save');
      expect(done.html).toContain('Temporary password set.');
      expect((await test.app.users.get(id)).passwordIsTemporary).toBe(true);
    });

    it('loses a second factor after it was asked once more', async () => {
      const user = await giveUser(test, 'lost@example.com');
      await giveTotp(test, user);
      const page = await open(place(user.id, 'security'));
      expect(page.html).toContain('Authenticator app');
      const ask = await open(`${place(user.id, 'factors')}?factor=totp`);
      const done = await browser.press(ask, 'confirm');
      expect(done.html).toContain('MFA method removed.');
      expect((await test.app.mfa.factors.find(user.id)).totp).toBeUndefined();
    });
  });

  describe('what somebody has open', () => {
    it('is a session, which ends here, or all of them', async () => {
      const { id } = await giveUser(test, 'open@example.com');
      await enterConsole(test, 'open@example.com', '/account');
      await enterConsole(test, 'open@example.com', '/account');
      const page = await open(place(id, 'sessions'));
      const [, first = ''] = /id="(end-[\w-]{43})"/.exec(page.html) ?? [];
      const ended = await browser.press(page, first);
      expect(ended.html).toContain('Session ended.');
      expect(ended.html.match(/id="end-[\w-]{43}"/g)).toHaveLength(1);
      expect((await browser.press(page, first)).html).toContain('That had already been removed.');
      const all = await browser.press(ended, 'end-all');
      expect(all.html).toContain('No active sessions.');
    });

    it('is an application that reads about them, until it is disconnected', async () => {
      const { id } = await giveUser(test, 'read@example.com');
      await giveGroup(test, 'Readers', [id]);
      const application = await giveApplication(test, { name: 'Flight book', skipConsent: false });
      const party = await relyingParty(test, application);
      await party.signIn({ login: 'read@example.com', scope: 'openid groups' });
      const page = await open(place(id, 'applications'));
      expect(page.html).toContain('Flight book');
      expect(page.html).toContain('Readers');
      const done = await browser.press(page, `disconnect-${application.id}`);
      expect(done.html).toContain('No connected applications.');
      expect((await browser.press(page, `disconnect-${application.id}`)).html).toContain(
        'That had already been removed.',
      );
      const activity = await open(place(id, 'activity'));
      expect(activity.html).toContain('Application disconnected');
      expect((await open(`${place(id, 'activity')}?by=them`)).html).toContain('Signed in');
      expect((await open(`${place(id, 'activity')}?cursor=x`)).status).toBe(400);
    });
  });

  describe('custom data', () => {
    it('is saved as JSON; what is none stays as typed, with line and column', async () => {
      const { id } = await giveUser(test, 'data@example.com');
      const page = await open(place(id, 'custom-data'));
      const broken = await browser.press(page, 'save', { custom_data: '{\r\n  "plan": gold\r\n}' });
      expect([broken.status, faultOf(broken, 'custom_data')]).toEqual([
        400,
        expect.stringContaining('line 2, column 11'),
      ]);
      expect(broken.html).toContain('&#34;plan&#34;: gold');
      const refused = await browser.press(broken, 'save', { custom_data: '{"$where": 1}' });
      expect([refused.status, faultOf(refused, 'custom_data')]).toEqual([400, expect.stringContaining('$')]);
      const list = await browser.press(refused, 'save', { custom_data: '[]' });
      expect(list.status).toBe(400);
      const saved = await browser.press(list, 'save', { custom_data: '{"plan": "gold"}' });
      expect(saved.html).toContain('Profile saved.');
      expect(await test.app.users.get(id)).toMatchObject({ customData: { plan: 'gold' } });
    });

    it('shows both versions to the second of two', async () => {
      const { id } = await giveUser(test, 'data2@example.com');
      const page = await open(place(id, 'custom-data'));
      await test.app.users.update(system, id, { custom_data: { plan: 'silver' } });
      const told = await browser.press(page, 'save', { custom_data: '{"plan": "gold"}' });
      expect([told.status, told.html.match(/silver/g)?.length]).toEqual([412, 1]);
    });

    it.each<[string, number, number]>([
      ['', 1, 1],
      ['{', 1, 2],
      ['{"a": 1,}', 1, 9],
      ['{"a" 1}', 1, 6],
      ['{"a": [1, 2}', 1, 12],
      ['{"a": 1}\n}', 2, 1],
      ['{"a": 01}', 1, 7],
      ['{\n  "a": tru\n}', 2, 8],
      ['{"a": "x\ny"}', 1, 7],
      ['{a: 1}', 1, 2],
      ['{"a": 1 "b": 2}', 1, 9],
      ['[1,, 2]', 1, 4],
      ['{"a": 1', 1, 8],
    ])('finds where %j stops being JSON', (text, line, column) => {
      expect(readJsonText(text)).toEqual({ fault: { line, column } });
    });

    it('looks for the fault no deeper than the call stack goes', () => {
      expect(readJsonText('['.repeat(60_000))).toEqual({ fault: { line: 1, column: 501 } });
      expect(readJsonText(`${'['.repeat(60_000)}${']'.repeat(60_000)}`)).toHaveProperty('inexact');
    });
  });

  describe('deletion', () => {
    it('says what goes with it, and asks for the box or the username', async () => {
      const { id } = await giveUser(test, 'gone@example.com');
      await giveGroup(test, 'Left behind', [id]);
      const page = await open(place(id, 'delete'));
      expect(page.html).toContain('One group membership: <bdi>Left behind</bdi>');
      const nothing = await browser.press(page, 'confirm');
      expect([nothing.status, faultOf(nothing, 'confirmed')]).toEqual([400, expect.stringContaining('Tick this box')]);
      const other = await browser.press(page, 'confirm', { confirmed: 'yes', username: 'ada@example.com' });
      expect([other.status, other.html]).toEqual([400, expect.stringContaining('value="ada@example.com"')]);
      expect(await test.app.users.get(id)).toBeDefined();
      const done = await browser.press(other, 'confirm', { confirmed: '', username: ' Gone@Example.com ' });
      expect(done.html).toContain('User deleted');
      expect((await open(place(id))).status).toBe(404);
    });

    it('is refused for the last owner, and asks for a fresh sign-in', async () => {
      const owner = (await findUser(test, 'owner@example.com'))!;
      const refused = await browser.press(await open(place(owner.id, 'delete')), 'confirm', { confirmed: 'yes' });
      expect([refused.status, refused.html]).toEqual([409, expect.stringContaining('last active owner')]);
      offset += 6 * 60_000;
      expect((await open(place(owner.id, 'delete'))).html).toContain('login-submit');
    });
  });
});
