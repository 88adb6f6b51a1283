import { system } from '../../../src/platform/actor.ts';
import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

describe("the console's pages of administrators, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  let ownerId: string;
  let offset = 0;
  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    ownerId = (await giveUser(test, 'owner@example.com', { kind: 'administrator' })).id;
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/administrators'));
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const open = (path: string) => browser.open(`${test.issuer}/console/administrators${path}`);
  const rolesOf = async (id: string) => (await test.app.users.get(id)).adminRoles;

  it('list everybody with their roles, and lead to where another is made', async () => {
    await giveUser(test, 'grace@example.com', { kind: 'administrator', adminRoles: ['users', 'auditor'] });
    await giveUser(test, 'ada@example.com');
    const { html } = await open('');
    expect(html).toMatch(/grace@example\.com[\s\S]*Users, Auditor/);
    expect(html).not.toContain('ada@example.com');
    expect((await browser.open(`${test.issuer}/console/administrators/new`)).html).toContain('id="next"');
  });

  it('change roles, and tell the second of two who do', async () => {
    const { id } = await giveUser(test, 'mary@example.com', { kind: 'administrator', adminRoles: ['support'] });
    const page = await open(`/${id}/edit`);
    const saved = await browser.press(page, 'save', { 'admin_role:groups': 'yes' });
    expect(saved.html).toContain('Administrator roles saved');
    expect(await rolesOf(id)).toEqual(['groups', 'support']);
    const told = await browser.press(page, 'save', { 'admin_role:auditor': 'yes' });
    expect([told.status, await rolesOf(id)]).toEqual([412, ['groups', 'support']]);
  });

  it('take back what was just saved, except what somebody did to themselves', async () => {
    const adminRoles = ['users', 'groups', 'auditor'] as const;
    const { id } = await giveUser(test, 'joan@example.com', { kind: 'administrator', adminRoles: [...adminRoles] });
    const page = await open(`/${id}/edit`);
    const less = page.html.replace('name="admin_role:users"', 'name="admin_role:support"');
    const saved = await browser.press({ ...page, html: less }, 'save');
    expect(await rolesOf(id)).not.toContain('users');
    const back = await browser.press(saved, 'undo');
    expect([...(await rolesOf(id))].sort()).toEqual(['auditor', 'groups', 'users']);
    const again = await browser.press(back, 'undo');
    expect(await rolesOf(id)).not.toContain('users');
    await test.app.users.setAdministration(system, id, { adminRoles: ['support'] });
    expect([(await browser.press(again, 'undo')).status, await rolesOf(id)]).toEqual([412, ['support']]);
    const own = await browser.press(await open(`/${ownerId}/edit`), 'save', { 'admin_role:auditor': 'yes' });
    expect(own.html).toContain('Administrator roles saved');
    expect(own.html).not.toContain('id="undo"');
  });

  it('limit somebody to groups that are searched for, and never to none', async () => {
    const { id } = await giveUser(test, 'emmy@example.com', { kind: 'administrator', adminRoles: ['users'] });
    const fleet = await giveGroup(test, 'Fleet');
    const limitOf = async () => (await test.app.users.get(id)).adminScope;
    const refused = await browser.press(await open(`/${id}/edit`), 'save', { where: 'groups' });
    expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('Choose at least one group')]);
    const found = await browser.press(refused, 'group-search', { group_q: 'fle' });
    const saved = await browser.press(found, 'save', { [`group:${fleet.id}`]: 'yes' });
    expect(saved.html).toMatch(/These groups and their subgroups:[\s\S]*Fleet/);
    expect(await limitOf()).toEqual([fleet.id]);
    const mighty = await browser.press(await open(`/${id}/edit`), 'save', { 'admin_role:applications': 'yes' });
    expect([mighty.status, mighty.html]).toEqual([409, expect.stringContaining('cannot be limited')]);
    await test.app.groups.remove(system, fleet.id);
    expect((await open(`/${id}`)).html).toContain('the groups of this admin scope were deleted');
    const kept = await browser.press(await open(`/${id}/edit`), 'save');
    expect([kept.status, await limitOf()]).toEqual([400, [fleet.id]]);
    await browser.press(kept, 'save', { where: 'everywhere' });
    expect(await limitOf()).toBeUndefined();
  });

  it('keep the last owner an owner, and say so beside the roles', async () => {
    const page = await open(`/${ownerId}/edit`);
    const kept = page.html.replace('name="admin_role:owner"', 'name="admin_role:auditor"');
    const refused = await browser.press({ ...page, html: kept }, 'save');
    expect([refused.status, refused.html]).toEqual([409, expect.stringContaining('id="admin-roles-fault"')]);
    expect(await rolesOf(ownerId)).toContain('owner');
  });

  it('ask for a fresh sign-in before roles are shown to change, and before they are changed', async () => {
    const { id } = await giveUser(test, 'lise@example.com', { kind: 'administrator', adminRoles: ['support'] });
    const page = await open(`/${id}/edit`);
    offset = 6 * 60_000;
    expect((await open(`/${id}`)).html).toContain('id="edit"');
    expect((await open(`/${id}/edit`)).html).toContain('login-submit');
    expect((await open('/new')).html).toContain('login-submit');
    const asked = await browser.press(page, 'save', { 'admin_role:owner': 'yes' });
    expect(asked.html).toContain('login-submit');
    expect(await rolesOf(id)).toEqual(['support']);
  });

  it('begin for who is limited to one group with it chosen, and say that there is more outside of it', async () => {
    const club = await giveGroup(test, 'Flying club');
    const books = await giveGroup(test, 'Books');
    const member = await giveUser(test, 'member@example.com');
    for (const { id } of [club, books]) await test.app.memberships.add(system, id, { userIds: [member.id] });
    const lead = await giveUser(test, 'lead@example.com', { kind: 'administrator' });
    const administration = { adminRoles: ['users' as const, 'groups' as const], adminScope: [club.id] };
    await test.app.users.setAdministration(system, lead.id, administration);
    const { browser: theirs, page: list } = await enterConsole(test, 'lead@example.com', '/console/groups');
    expect(list.html).toContain('Flying club');
    expect(list.html).not.toContain(`/console/groups/${club.id}/delete`);
    const opened = await theirs.open(`${test.issuer}/console/groups/new`);
    const made = await theirs.press(opened, 'finish', { name: 'Trainees' });
    expect(made.html).toContain('Group created');
    const user = await theirs.open(`${test.issuer}/console/users/new`);
    const second = await theirs.press(user, 'next', { username: 'trainee@example.com', method: 'invite' });
    expect(second.html).toMatch(new RegExp(`name="group:${club.id}" value="yes" checked`));
    const shown = await theirs.open(`${test.issuer}/console/users/${member.id}`);
    expect(shown.html).toContain('groups outside your admin scope');
    expect(shown.html).not.toContain('id="save"');
    const groups = await theirs.open(`${test.issuer}/console/users/${member.id}/groups`);
    expect(groups.html).toContain(`name="group:${club.id}"`);
    expect(groups.html).not.toContain('Books');
    expect(groups.html).toContain('Groups outside your admin scope are not shown.');
  });
});
