import { createLeases } from '../../../src/platform/tasks/leases.mongo.ts';
import type { Leases } from '../../../src/platform/tasks/tasks.ts';
import { EXPIRY, NOW } from '../../support/conformance/one-time-store.ts';
import { race, tally } from '../../support/conformance/racing.ts';
import { openStore, type OpenStore } from '../../support/database.ts';

const AFTER = new Date(EXPIRY.getTime() + 1);
const LATER = new Date(EXPIRY.getTime() + 3600_000);

describe('a lease', () => {
  let opened: OpenStore<Leases>;
  beforeAll(async () => {
    opened = await openStore(createLeases);
  });
  beforeEach(() => opened.clear());
  afterAll(() => opened.close());

  const take = (holder: string, at = NOW, until = EXPIRY) => opened.store.take('task', holder, at, until);

  it('is given to one of fifty', async () => {
    expect(tally(await race((racer) => take(`node ${racer}`)))).toEqual({ true: 1, false: 49 });
  });

  it('is renewed by its holder, and by nobody else before it ends', async () => {
    expect([await take('a'), await take('b'), await take('a'), await take('b', EXPIRY)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it('is given to one of fifty when it has ended', async () => {
    await take('a');
    expect(tally(await race((racer) => take(`node ${racer}`, AFTER, LATER)))).toEqual({ true: 1, false: 49 });
  });

  it('is given back by its holder only', async () => {
    await take('a');
    await opened.store.giveBack('task', 'b');
    expect(await take('b')).toBe(false);
    await opened.store.giveBack('task', 'a');
    expect(await take('b')).toBe(true);
  });
});
