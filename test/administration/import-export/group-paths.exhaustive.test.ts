import { giveGroup, giveRole, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { collection, documents, exportText, importRows, importText } from './files.ts';

let test: TestApp;
beforeEach(async () => {
  test = await startApp();
});
afterEach(() => test.tearDown());

/** Every group by its name, with the name of its parent group. */
async function tree(): Promise<Record<string, string | undefined>> {
  const groups = await documents(test, 'groups');
  const names = new Map(groups.map(({ _id, name }) => [String(_id), name as string]));
  return Object.fromEntries(groups.map(({ name, parentId }) => [name, names.get(parentId)]));
}

const pathRows = (...paths: string[]) => paths.map((path) => ({ path }));
const twoTeams = pathRows('/Team A', '/Team A/Developers', '/Team B', '/Team B/Developers');
const allOf = (created: number, unchanged = 0) => ({ created, updated: 0, unchanged, failed: 0 });

describe('importing groups by path', () => {
  it('puts each group below the parent group of its path', async () => {
    const csv = 'path,description\n/Crew,Everyone\n/Crew/Pilots,May fly\n/Crew/Pilots/Captains,\n';
    expect(await importText(test, 'groups', csv, { format: 'csv' })).toEqual({ counts: allOf(3), faults: [] });
    expect(await tree()).toEqual({ Crew: undefined, Pilots: 'Crew', Captains: 'Pilots' });
    expect((await importText(test, 'groups', csv, { format: 'csv' })).counts).toEqual(allOf(0, 3));
  });

  it('finds parent groups that are there already, in any case', async () => {
    await giveGroup(test, 'Crew');
    expect((await importRows(test, 'groups', pathRows('/CREW/Pilots', '/crew/pilots'))).counts).toEqual(allOf(1, 1));
    expect(await tree()).toEqual({ Crew: undefined, Pilots: 'Crew' });
  });

  it('refuses a name that another group has, and says which one and what rename_groups would do', async () => {
    const { counts, faults } = await importRows(test, 'groups', twoTeams);
    expect(counts).toMatchObject({ created: 3, failed: 1 });
    const reason =
      "the name 'Developers' belongs to the group '/Team A/Developers'; with rename_groups, this group is created as 'Team B / Developers'";
    expect(faults).toEqual([{ line: 4, faults: [{ column: 'path', reason }] }]);
  });

  it('names a group after its parent group where its name is taken, and finds it again', async () => {
    const renameGroups = true;
    expect((await importRows(test, 'groups', twoTeams, { renameGroups })).counts).toEqual(allOf(4));
    const named = {
      'Team A': undefined,
      'Team B': undefined,
      Developers: 'Team A',
      'Team B / Developers': 'Team B',
    };
    expect(await tree()).toEqual(named);
    const before = [await documents(test, 'groups'), await documents(test, 'audit_events')];
    expect((await importRows(test, 'groups', twoTeams, { renameGroups })).counts).toEqual(allOf(0, 4));
    expect((await importRows(test, 'groups', [...twoTeams].reverse())).counts).toEqual(allOf(0, 4));
    expect([await documents(test, 'groups'), await documents(test, 'audit_events')]).toEqual(before);
  });

  it('takes more parent groups into the name, where the shorter one is taken too', async () => {
    const rows = pathRows(
      '/X',
      '/X/Team',
      '/X/Team/Devs',
      '/Y',
      '/Y/Team',
      '/Y/Team/Devs',
      '/Z',
      '/Z/Team',
      '/Z/Team/Devs',
    );
    expect((await importRows(test, 'groups', rows, { renameGroups: true })).counts).toEqual(allOf(9));
    expect(await tree()).toEqual({
      X: undefined,
      Y: undefined,
      Z: undefined,
      Team: 'X',
      'Y / Team': 'Y',
      'Z / Team': 'Z',
      Devs: 'Team',
      'Team / Devs': 'Y / Team',
      'Z / Team / Devs': 'Z / Team',
    });
    expect((await importRows(test, 'groups', rows, { renameGroups: true })).counts).toEqual(allOf(0, 9));
  });

  it('renames a group at the top too', async () => {
    const rows = pathRows('/Team A', '/Team A/Developers', '/Developers', '/Developers/Trainees');
    expect((await importRows(test, 'groups', rows, { renameGroups: true })).counts).toEqual(allOf(4));
    expect(await tree()).toMatchObject({ Developers: 'Team A', '/ Developers': undefined, Trainees: '/ Developers' });
    expect((await importRows(test, 'groups', rows, { renameGroups: true })).counts).toEqual(allOf(0, 4));
  });

  it('finds the parent group and the other group of a name across the batches', async () => {
    const others = Array.from({ length: 600 }, (_, index) => `/Team A/Squad ${index}`);
    const rows = pathRows('/Team A', '/Team A/Developers', '/Team B', ...others, '/Team B/Developers', '/Team A/Last');
    const plain = await importRows(test, 'groups', rows, { dryRun: true });
    expect(plain.counts).toEqual(allOf(605));
    expect((await importRows(test, 'groups', rows)).counts).toMatchObject({ created: 604, failed: 1 });
    expect((await importRows(test, 'groups', rows, { renameGroups: true })).counts).toEqual(allOf(1, 604));
    expect(await tree()).toMatchObject({ 'Team B / Developers': 'Team B', Last: 'Team A', 'Squad 599': 'Team A' });
  });

  it('writes a slash in a name as ~/, and takes every other tilde as it is', async () => {
    const rows = pathRows('/R&D ~/ Lab', '/R&D ~/ Lab/a~b ~1');
    expect((await importRows(test, 'groups', rows)).counts).toEqual(allOf(2));
    expect(await tree()).toEqual({ 'R&D / Lab': undefined, 'a~b ~1': 'R&D / Lab' });
  });

  it('says of each row what is wrong with its path', async () => {
    await giveGroup(test, 'Crew');
    const rows = [
      { path: 'Crew' },
      { path: '/Crew//Pilots' },
      { path: '/Crew/' },
      { path: '/Crew/system:masters' },
      { path: `/Crew${'/x'.repeat(10)}` },
      { path: '/Nowhere/Pilots', roles: ['pilot'] },
      { path: '/Crew/Pilots', name: 'Pilots' },
      { path: '/Crew/Pilots', parent_id: '00000000000000aa' },
      { description: 'Neither' },
    ];
    const { counts, faults } = await importRows(test, 'groups', rows);
    expect(counts.failed).toBe(rows.length);
    expect(faults.map((one) => one.faults)).toEqual([
      [{ column: 'path', reason: 'must start with a slash, such as /Team A/Developers' }],
      [{ column: 'path', reason: "has the name '', which must not be empty" }],
      [{ column: 'path', reason: "has the name '', which must not be empty" }],
      [
        {
          column: 'path',
          reason: "has the name 'system:masters', which must not start with 'system:', which Kubernetes reserves",
        },
      ],
      [{ column: 'path', reason: 'must have at most 10 levels' }],
      [
        { column: 'path', reason: "the parent group '/Nowhere' does not exist and is not in an earlier row" },
        { column: 'roles', reason: "role 'pilot' does not exist" },
      ],
      [{ column: 'path', reason: 'cannot be combined with name' }],
      [{ column: 'path', reason: 'cannot be combined with parent_id' }],
      [{ column: 'name', reason: 'is missing' }],
    ]);
    expect(await tree()).toEqual({ Crew: undefined });
  });

  it('creates no group below one whose row failed', async () => {
    await giveRole(test, 'pilot');
    const rows = [
      { path: '/Crew', roles: ['captain'] },
      { path: '/Crew/Pilots', roles: ['pilot'] },
    ];
    expect((await importRows(test, 'groups', rows)).counts).toMatchObject({ created: 0, failed: 2 });
    expect(await collection(test, 'groups').countDocuments()).toBe(0);
  });

  it('creates each group once, however many imports run at the same moment', async () => {
    const imports = Array.from({ length: 10 }, () => importRows(test, 'groups', twoTeams, { renameGroups: true }));
    const results = await Promise.all(imports);
    expect(results.map(({ counts }) => counts.created).sort((a, b) => a - b)).toEqual([...Array(9).fill(0), 4]);
    expect(results.flatMap(({ faults }) => faults)).toEqual([]);
    expect(await collection(test, 'groups').countDocuments()).toBe(4);
  });

  it('tells two paths of one file apart that would be one group', async () => {
    await giveGroup(test, 'Developers');
    const rows = pathRows('/Team A', '/Team A/Developers', '/Team A/Team A ~/ Developers');
    const { counts, faults } = await importRows(test, 'groups', rows, { renameGroups: true });
    expect(counts).toMatchObject({ created: 2, failed: 1 });
    expect(faults[0]?.faults).toEqual([
      { column: 'path', reason: "names the same group as the path '/Team A/Developers'" },
    ]);
  });

  it('changes what the row says of a group that was renamed', async () => {
    await importRows(test, 'groups', twoTeams, { renameGroups: true });
    const rows = [{ path: '/Team B/Developers', description: 'Backend' }];
    expect((await importRows(test, 'groups', rows)).counts).toMatchObject({ updated: 1 });
    const changed = await collection(test, 'groups').findOne({ name: 'Team B / Developers' });
    expect(changed).toMatchObject({ description: 'Backend' });
    expect(await exportText(test, 'groups', { format: 'csv' })).toMatch(/^group_id,name,former_names,description,/);
  });
});

describe('importing users with the paths of groups', () => {
  const membershipsOf = async (username: string) => {
    const user = await collection(test, 'users').findOne({ username });
    const nameOf = async (id: string) => (await test.app.groups.get(id)).name;
    const memberships = user!['memberships'] as { group: string }[];
    return {
      groups: await Promise.all(memberships.map(({ group }) => nameOf(group))),
      ownerOf: await Promise.all(((user!['ownerOf'] ?? []) as string[]).map(nameOf)),
    };
  };

  it('finds groups by path, also those that were renamed, and by name', async () => {
    await importRows(test, 'groups', twoTeams, { renameGroups: true });
    const csv =
      'username,groups,owner_of\nada@example.com,/Team B/Developers;Team A;/team b/developers,/Team A/Developers\n';
    expect(await importText(test, 'users', csv, { format: 'csv' })).toEqual({ counts: allOf(1), faults: [] });
    expect(await membershipsOf('ada@example.com')).toEqual({
      groups: ['Team B / Developers', 'Team A'],
      ownerOf: ['Developers'],
    });
    expect((await importText(test, 'users', csv, { format: 'csv' })).counts).toEqual(allOf(0, 1));
    const replaced = await importText(test, 'users', csv, { format: 'csv', memberships: 'replace' });
    expect(replaced.counts).toEqual(allOf(0, 1));
  });

  it('takes a value for a name where a group has exactly this name', async () => {
    await importRows(test, 'groups', [{ name: 'Staff' }, { name: '/Staff' }]);
    await importRows(test, 'users', [{ username: 'ada@example.com', groups: ['/Staff'] }]);
    expect((await membershipsOf('ada@example.com')).groups).toEqual(['/Staff']);
  });

  it('limits an administrator to the group at a path', async () => {
    await importRows(test, 'groups', twoTeams, { renameGroups: true });
    const row = {
      username: 'grace@example.com',
      kind: 'administrator',
      admin_roles: ['groups'],
      admin_groups: ['/Team B/Developers'],
    };
    const { faults } = await importRows(test, 'users', [row]);
    expect(faults).toEqual([]);
    const user = await collection(test, 'users').findOne({ username: 'grace@example.com' });
    const group = await collection(test, 'groups').findOne({ name: 'Team B / Developers' });
    expect(user!['adminScope']).toEqual([group!._id]);
  });

  it('refuses a path where no group is, and creates none for it', async () => {
    await giveGroup(test, 'Team A');
    await giveUser(test, 'ada@example.com');
    const row = { username: 'ada@example.com', groups: ['/Team A/Nobody', 'Fans'], owner_of: ['/Team C'] };
    const groups = [...row.groups, '/Team A//x'];
    const wrong = await importRows(test, 'users', [{ ...row, groups }], { createGroups: true });
    expect(wrong.faults[0]?.faults).toEqual([
      { column: 'groups', reason: "group '/Team A/Nobody' does not exist" },
      { column: 'groups', reason: "group '/Team A//x' does not exist" },
      { column: 'owner_of', reason: "group '/Team C' does not exist" },
    ]);
    const { faults } = await importRows(test, 'users', [{ ...row, groups: [`/${'x'.repeat(101)}`] }]);
    expect(faults[0]?.faults).toEqual([
      {
        column: 'groups',
        reason: `0.group: has the name '${'x'.repeat(101)}', which must have at most 100 characters`,
      },
    ]);
    expect(await tree()).toEqual({ 'Team A': undefined });
  });
});
