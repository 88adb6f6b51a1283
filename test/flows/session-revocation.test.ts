import { documentedTable, eventsByName, itEndsAsDocumented, startNodes, type Nodes } from './session-revocation.ts';

const table = documentedTable();
/** One of each kind; `session-revocation.exhaustive.test.ts` has the others. */
const FEW = ['Password reset by email', 'Factor removed by the user', 'Disabled', 'One session ended'];

describe('what ends what, as it is documented', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes();
  });
  afterAll(() => nodes.stop());

  it('names every event and every thing that the tests know, and no other', () => {
    expect(table.map(({ event }) => event).sort()).toEqual([...eventsByName.keys()].sort());
    for (const { cells } of table) expect(Object.keys(cells).sort()).toEqual(Object.keys(nodes.things).sort());
  });

  it.each(Object.keys(table[0]?.cells ?? {}))('has something to end: %s', async (thing) => {
    const { isGood } = await nodes.things[thing]!();
    expect(await isGood(nodes.test)).toBe(true);
  });

  itEndsAsDocumented(
    table.filter(({ event }) => FEW.includes(event)),
    () => nodes,
  );
});
