import { system } from '../../../src/platform/actor.ts';
import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { everyGroup } from '../../../src/directory/groups/group-search.ts';
import { enterConsole } from '../../support/console.ts';
import { giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';

describe("the console's pages of groups, without script", () => {
  let test: TestApp;
  let browser: PlainBrowser;
  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    ({ browser } = await enterConsole(test, 'owner@example.com', '/console/groups'));
  });
  afterAll(() => test.tearDown());

  const open = (path: string) => browser.open(`${test.issuer}${path}`);
  const named = async (name: string) =>
    (await test.app.groups.search({ ...everyGroup, name }, { list: '', limit: 1 })).items[0];

  it('say how many are in each', async () => {
    const people = [await giveUser(test, 'mae@example.com'), await giveUser(test, 'sally@example.com')];
    const { id } = await giveGroup(
      test,
      'Crew',
      people.map((user) => user.id),
    );
    const empty = await giveGroup(test, 'Crew of nobody');
    const { html } = await open('/console/groups?q=crew');
    const sizeOf = (group: string) => new RegExp(`/console/groups/${group}/members">([^<]*)<`).exec(html)?.[1];
    expect([sizeOf(id), sizeOf(empty.id)]).toEqual(['2', '0']);
  });

  describe('a new one', () => {
    const typed = { name: 'Founders', description: '', parent: '' };

    it('is made with those who are ticked', async () => {
      const ada = await giveUser(test, 'ada@example.com');
      const page = await open('/console/groups/new');
      const made = await browser.press(page, 'finish', { ...typed, [`user:${ada.id}`]: 'yes' });
      expect(made.html).toContain('Group created with its members.');
      expect((await test.app.users.get(ada.id)).memberships.map(({ group }) => group)).toEqual([
        (await named('founders'))?.id,
      ]);
    });

    it('says what is wrong with its name', async () => {
      const page = await open('/console/groups/new');
      const nameFault = async (name: string) => {
        const { html } = await browser.press(page, 'finish', { ...typed, name });
        return /id="name-fault">.*?<span>([^<]*)/s.exec(html)?.[1];
      };
      expect(await nameFault('system:masters')).toContain('Kubernetes');
      expect(await nameFault('Pi\u202elots')).toContain('invisible character');
      expect(await nameFault('x'.repeat(101))).toBe('Use 100 characters or fewer.');
      expect(await nameFault(' ')).toBe('Enter a name.');
    });

    it('is not made when one of them is gone meanwhile; the form keeps the others', async () => {
      const grace = await giveUser(test, 'grace@example.com');
      const encryption = { [`user:${grace.id}`]: 'yes', 'user:ffffffffffffffff': 'yes' };
      const page = await open('/console/groups/new');
      const refused = await browser.press(page, 'finish', { ...typed, name: 'Unfounded', ...encryption });
      expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('The group was not created.')]);
      expect(await named('unfounded')).toBeUndefined();
      const made = await browser.press(refused, 'finish');
      expect(made.html).toContain('Group created with its members.');
      expect((await test.app.users.get(grace.id)).memberships).toHaveLength(1);
    });
  });

  describe('the former names of one', () => {
    it('are listed with the applications that depend on them, and removed', async () => {
      const { id } = await giveGroup(test, 'Watchers');
      const none = await open(`/console/groups/${id}/former-names`);
      expect(none.html).toContain('This group was never renamed');
      const saved = await browser.press(await open(`/console/groups/${id}`), 'save', { name: 'Observers & co' });
      expect(saved.html).toContain('Group saved.');
      await browser.press(await open(`/console/groups/${id}`), 'save', { name: 'Lookouts' });
      const application = await giveApplication(test, { name: 'Grafana' });
      const claims = `/console/applications/${application.id}/claims`;
      const until = { renamed_groups: 'both', renamed_groups_until: '2099-05-06T07:08' };
      expect((await browser.press(await open(claims), 'save', until)).html).toContain('Claim policy saved');
      expect((await test.app.applications.get(application.id)).claimPolicy).toMatchObject({
        renamedGroups: 'both',
        renamedGroupsUntil: new Date('2099-05-06T07:08:00Z'),
      });
      expect((await open(claims)).html).toContain('value="2099-05-06T07:08"');
      const listed = await open(`/console/groups/${id}/former-names`);
      expect(listed.html).toContain('<bdi>Observers &amp; co</bdi>');
      expect(listed.html).toContain('<bdi>Grafana</bdi>');
      expect(listed.html).toContain('Former name since');
      const removed = await browser.press(listed, 'remove-1');
      expect(removed.html).toContain('Former name removed.');
      expect((await test.app.groups.get(id)).formerNames.map(({ name }) => name)).toEqual(['Watchers']);
      // Somebody else was faster.
      expect((await browser.press(listed, 'remove-1')).html).toContain('Former name removed.');
    });

    it('are refused to others, beside the name', async () => {
      const { id } = await giveGroup(test, 'Sentinels');
      await test.app.groups.update(system, id, { name: 'Guards' });
      const { html } = await browser.press(await open('/console/groups/new'), 'finish', {
        name: 'sentinels',
        description: '',
        parent: '',
      });
      expect(/id="name-fault">.*?<span>([^<]*)/s.exec(html)?.[1]).toBe(
        'The name is a former name of the group /Guards. “sentinels 2” is available.',
      );
    });

    it('are refused to a claim policy until a time that is none', async () => {
      const { id } = await giveApplication(test);
      const page = await open(`/console/applications/${id}/claims`);
      const typed = { renamed_groups: 'both', renamed_groups_until: 'tomorrow' };
      const refused = await browser.press(page, 'save', typed);
      expect(refused.status).toBe(400);
      expect(refused.html).toContain('id="renamed_groups_until-fault"');
    });
  });

  describe('those that sit in one', () => {
    it('are listed, named before it is deleted, and show in the list what they sit in', async () => {
      const company = await giveGroup(test, 'Company');
      const crew = await giveGroup(test, 'Cabin crew', [], [], { parent_id: company.id });
      const inIt = (await open(`/console/groups/${company.id}/groups`)).html;
      expect(inIt).toContain(`href="/console/groups/${crew.id}"><bdi>Cabin crew<`);
      expect((await open(`/console/groups/new?parent_id=${company.id}`)).html).toContain('value="Company"');
      expect((await open('/console/groups?q=cabin')).html).toContain(`/console/groups/${company.id}"><bdi>Company<`);
      const deletion = (await open(`/console/groups/${company.id}/delete`)).html;
      expect(deletion).toContain('It has one subgroup');
      expect(deletion).not.toContain('id="confirm"');
      expect((await open(`/console/groups/${crew.id}/delete`)).html).toContain('id="confirm"');
    });

    it('are suggested where the name of what to sit in is that of none', async () => {
      await giveGroup(test, 'Zeppelin crew');
      const page = await open('/console/groups/new');
      const refused = await browser.press(page, 'finish', { name: 'Cooks', description: '', parent: 'zepp' });
      expect(refused.status).toBe(400);
      expect(refused.html).toMatch(/Did you mean: +<bdi>Zeppelin crew<\/bdi>/);
    });
  });

  describe('the settings', () => {
    const settingsOf = async (groupId: string) => {
      const page = await open(`/console/groups/${groupId}`);
      // The text of a text field is not among what this browser sends by itself.
      const fields = { description: '', custom_data: '{}' };
      return { page, fields };
    };
    const rolesOf = async (groupId: string) => (await test.app.groups.get(groupId)).roleIds;

    it('take roles back that were given, and give back those that were taken', async () => {
      const editor = await giveRole(test, 'editor');
      const reader = await giveRole(test, 'reader');
      const group = await giveGroup(test, 'Navigators', [], [editor.id]);
      const { page, fields } = await settingsOf(group.id);
      const html = page.html.replace(`name="role:${editor.id}"`, `name="role:${reader.id}"`);
      const saved = await browser.press({ ...page, html }, 'save', fields);
      expect(saved.html).toContain('Group roles saved.');
      expect(await rolesOf(group.id)).toEqual([reader.id]);
      const back = await browser.press(saved, 'undo');
      expect(await rolesOf(group.id)).toEqual([editor.id]);
      await test.app.groups.update(system, group.id, { role_ids: [reader.id, editor.id] });
      expect((await browser.press(back, 'undo')).status).toBe(412);
    });

    it('find a role by its beginning, keep what was typed, and say where custom data is no JSON', async () => {
      const role = await giveRole(test, 'Zeppelin captain');
      const group = await giveGroup(test, 'Captains');
      const { page, fields } = await settingsOf(group.id);
      const found = await browser.press(page, 'role-search', { ...fields, role_q: 'ZEPP', name: 'Skippers' });
      expect(found.html).toContain('Zeppelin captain');
      expect(found.html).toContain('value="Skippers"');
      const none = await browser.press(found, 'role-search', { ...fields, role_q: 'captain' });
      expect(none.html).not.toContain('Zeppelin captain');
      const custom_data = '{\r\n  "plan": gold\r\n}';
      const ticked = { [`role:${role.id}`]: 'yes', role_q: '' };
      const broken = await browser.press(none, 'save', { ...fields, ...ticked, custom_data });
      expect([broken.status, broken.html]).toEqual([400, expect.stringContaining('Check line 2, column 11.')]);
      await browser.press(broken, 'save', { ...fields, custom_data: '' });
      expect(await test.app.groups.get(group.id)).toMatchObject({ roleIds: [role.id], customData: {} });
    });

    it('keep what somebody else changed meanwhile, and tell of it', async () => {
      const writer = await giveRole(test, 'writer');
      const group = await giveGroup(test, 'Dispatchers');
      const { page, fields } = await settingsOf(group.id);
      await test.app.groups.update(system, group.id, { role_ids: [writer.id], requires_second_factor: true });
      const told = await browser.press(page, 'save', { ...fields, description: 'They send them off' });
      expect([told.status, told.html]).toEqual([412, expect.stringContaining('Someone else changed this')]);
      const rows = [...told.html.matchAll(/<th scope="row">(.*?)<\/th>[\s\S]*?<\/tr>/g)].map(([row]) =>
        row
          .replace(/<[^>]*>/g, ' ')
          .replace(/\s+/g, ' ')
          .trim(),
      );
      expect(rows.sort()).toEqual([
        'Require MFA for members Not changed by you yes',
        'Roles Not changed by you writer',
      ]);
      await browser.press(told, 'save', { custom_data: '{}', description: 'They send them off' });
      expect(await test.app.groups.get(group.id)).toMatchObject({
        description: 'They send them off',
        roleIds: [writer.id],
        requiresSecondFactor: true,
      });
    });

    it('show both versions of what two changed', async () => {
      const group = await giveGroup(test, 'Loaders');
      const { page, fields } = await settingsOf(group.id);
      await test.app.groups.update(system, group.id, { name: 'Freight' });
      const told = await browser.press(page, 'save', { ...fields, name: 'Cargo' });
      expect(told.html).toMatch(/>Cargo<\/bdi>[\s\S]*>Freight<\/bdi>/);
      await browser.press(told, 'save', fields);
      expect((await test.app.groups.get(group.id)).name).toBe('Cargo');
    });

    it('offer nothing to take back when more was changed', async () => {
      const editor = await giveRole(test, 'chief editor');
      const group = await giveGroup(test, 'Stewards');
      const { page, fields } = await settingsOf(group.id);
      const more = { ...fields, description: 'On board', [`role:${editor.id}`]: 'yes' };
      const saved = await browser.press(page, 'save', more);
      expect(await rolesOf(group.id)).toEqual([editor.id]);
      expect(saved.html).not.toContain('id="undo"');
    });
  });

  describe('the owners', () => {
    it('are nobody as long as nobody is ticked', async () => {
      await giveUser(test, 'oda@example.com');
      const group = await giveGroup(test, 'Ownerless');
      const page = await open(`/console/groups/${group.id}/owners`);
      const refused = await browser.press(page, 'add-owners');
      expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('Select at least one user.')]);
    });
  });

  describe('the users', () => {
    it('are taken out again when they were added from a list, who was in before stays', async () => {
      const mary = await giveUser(test, 'mary@example.com');
      const joan = await giveUser(test, 'joan@example.com');
      const group = await giveGroup(test, 'Listed', [mary.id]);
      const page = await open(`/console/groups/${group.id}/members/import`);
      const added = await browser.press(page, 'import', { rows: 'mary@example.com\njoan@example.com' });
      expect((await test.app.users.get(joan.id)).memberships).toHaveLength(1);
      await browser.press(added, 'undo');
      expect((await test.app.users.get(joan.id)).memberships).toEqual([]);
      expect((await test.app.users.get(mary.id)).memberships).toHaveLength(1);
    });
  });
});
