import { system } from '../../../src/platform/actor.ts';
import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

describe("the console's pages of roles, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/roles'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string) => browser.open(`${test.issuer}/console/roles${path}`);
  const typed = { name: 'editor', description: 'Writes plans' };

  it('make one, and say when its name is taken', async () => {
    const page = await open('/new');
    const made = await browser.press(page, 'create', { ...typed, requires_second_factor: 'yes' });
    expect(made.html).toContain('Role created.');
    const twice = await browser.press(page, 'create', typed);
    expect([twice.status, twice.html]).toEqual([409, expect.stringContaining('id="name-fault"')]);
    expect(twice.html).toContain('value="Writes plans"');
    expect((await open('')).html).toContain('<bdi>editor</bdi>');
  });

  it('save one, and tell the second of two who change it', async () => {
    const { id } = await giveRole(test, 'reader');
    const page = await open(`/${id}`);
    const saved = await browser.press(page, 'save', { name: 'reviewer', description: '' });
    expect(saved.html).toContain('Role saved.');
    expect(await test.app.roles.get(id)).toMatchObject({ name: 'reviewer' });
    const told = await browser.press(page, 'save', { name: 'writer', description: '' });
    expect([told.status, told.html]).toEqual([412, expect.stringContaining('Someone else changed this')]);
  });

  it('show which groups give it, and delete it from them once that is confirmed', async () => {
    const { id } = await giveRole(test, 'planner');
    const ada = await giveUser(test, 'ada@example.com');
    const group = await giveGroup(test, 'Pilots', [ada.id], [id]);
    const page = await open(`/${id}`);
    expect(page.html).toContain('<bdi>Pilots</bdi>');
    expect((await browser.open(`${test.issuer}/console/groups?role_id=${id}`)).html).toContain('<bdi>Pilots</bdi>');
    const confirm = await open(`/${id}/delete`);
    expect(confirm.html).toContain('One user loses it');
    expect((await browser.press(confirm, 'confirm')).status).toBe(400);
    expect((await browser.press(confirm, 'confirm', { confirmed: 'yes' })).html).toContain('Role deleted.');
    expect((await test.app.groups.get(group.id)).roleIds).toEqual([]);
    await expect(test.app.roles.update(system, id, {})).rejects.toMatchObject({ code: 'role_not_found' });
  });

  it('find one by the beginning of its name, and say when a page of the list is gone', async () => {
    for (const name of ['Zoo keeper', 'zoologist', 'Keeper']) await giveRole(test, name);
    const found = await open('?q=ZOO');
    expect([...found.html.matchAll(/<th scope="row"><a [^>]*><bdi>([^<]+)/g)].map(([, name]) => name)).toEqual([
      'Zoo keeper',
      'zoologist',
    ]);
    expect((await open('?q=logist')).html).toContain('No roles found.');
    const gone = await open('?cursor=gone');
    expect([gone.status, gone.html]).toEqual([400, expect.stringContaining('Start from the first page.')]);
  });
});
