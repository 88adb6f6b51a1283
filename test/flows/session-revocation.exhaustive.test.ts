import { documentedTable, itEndsAsDocumented, startNodes, type Nodes } from './session-revocation.ts';

describe('what ends what, as it is documented, event by event', () => {
  let nodes: Nodes;
  beforeAll(async () => {
    nodes = await startNodes();
  });
  afterAll(() => nodes.stop());

  itEndsAsDocumented(documentedTable(), () => nodes);
});
