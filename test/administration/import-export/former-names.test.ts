import { system } from '../../../src/platform/actor.ts';
import { giveGroup, startApp, type TestApp } from '../../support/app.ts';
import { collection, importRows, type Imported } from './files.ts';

let test: TestApp;
beforeEach(async () => {
  test = await startApp();
});
afterEach(() => test.tearDown());

const flat = (faults: Imported['faults']) =>
  faults.flatMap((row) => row.faults.map(({ column, reason }) => [column, reason]));

const groupNamed = async (name: string) => (await test.app.groups.findByNames([name]))[0];

async function renamed(): Promise<string> {
  const { id: parent } = await giveGroup(test, 'Company');
  const { id } = await giveGroup(test, 'Pilots', [], [], { parent_id: parent });
  await test.app.groups.update(system, id, { name: 'Aviators' });
  return id;
}

describe('an import of groups', () => {
  it('gives no group a name that another had before, and says which', async () => {
    const id = await renamed();
    const { counts, faults } = await importRows(test, 'groups', [
      { name: 'pilots' },
      { path: '/Pilots' },
      { name: 'Stewards', former_names: [{ name: 'PILOTS', renamed_at: '2026-01-01T00:00:00Z' }] },
      { name: 'Navigators', former_names: [{ name: 'Aviators', renamed_at: '2026-01-01T00:00:00Z' }] },
      { name: 'Cooks' },
    ]);
    expect(counts).toEqual({ created: 1, updated: 0, unchanged: 0, failed: 4 });
    const reason = (name: string) => `'${name}' is a former name of the group '/Company/Aviators'`;
    expect(flat(faults)).toEqual([
      ['name', reason('pilots')],
      ['name', reason('Pilots')],
      ['former_names', reason('PILOTS')],
      ['former_names', "'Aviators' belongs to the group '/Company/Aviators'"],
    ]);
    expect((await groupNamed('Pilots'))!.id).toBe(id);
  });

  it('restores former names, and changes them only if a row has them', async () => {
    const at = '2026-02-03T04:05:06.000Z';
    const row = { name: 'Aviators', former_names: [{ name: 'Pilots', renamed_at: at }] };
    expect((await importRows(test, 'groups', [row])).counts).toMatchObject({ created: 1 });
    expect((await groupNamed('pilots'))!.formerNames).toEqual([{ name: 'Pilots', renamedAt: new Date(at) }]);
    expect((await importRows(test, 'groups', [row])).counts).toMatchObject({ unchanged: 1 });
    expect((await importRows(test, 'groups', [{ name: 'Aviators' }])).counts).toMatchObject({ unchanged: 1 });
    expect((await importRows(test, 'groups', [{ name: 'Pilots' }])).counts).toMatchObject({ failed: 1 });
    expect((await importRows(test, 'groups', [{ ...row, former_names: [] }])).counts).toMatchObject({ updated: 1 });
    expect((await importRows(test, 'groups', [{ name: 'Pilots' }])).counts).toMatchObject({ created: 1 });
  });

  it('finds names that rows of the same file take from each other', async () => {
    const former = (name: string) => [{ name, renamed_at: '2026-01-01T00:00:00Z' }];
    const { faults } = await importRows(test, 'groups', [
      { name: 'One', former_names: former('Zero') },
      { name: 'Zero' },
      { name: 'Two', former_names: former('ZERO') },
      { name: 'Three', former_names: former('One') },
      { name: 'Four', former_names: former('Four') },
    ]);
    expect(flat(faults)).toEqual([
      ['name', "'Zero' is a former name of the group '/One'"],
      ['former_names', "'ZERO' is a former name of the group '/One'"],
      ['former_names', "'One' belongs to the group '/One'"],
      ['former_names', 'must not have the name of the group'],
    ]);
  });
});

describe('an import of users', () => {
  it.each([{ createGroups: true }, { createGroups: false }])(
    'takes a former name for no group (%j)',
    async (options) => {
      await renamed();
      const row = { username: 'ada@example.com', groups: ['Pilots'] };
      const { counts, faults } = await importRows(test, 'users', [row], options);
      expect(counts).toMatchObject({ created: 0, failed: 1 });
      expect(flat(faults)).toEqual([
        ['groups', "group 'Pilots' does not exist; the name is a former name of the group '/Company/Aviators'"],
      ]);
      expect(await collection(test, 'groups').countDocuments()).toBe(2);
    },
  );
});
