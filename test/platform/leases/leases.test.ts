import { once } from 'node:events';
import { createLeases } from '../../../src/platform/leases/leases.mongo.ts';
import { underLease } from '../../../src/platform/leases/leases.ts';
import { connect, type Database } from '../../../src/platform/db/connection.mongo.ts';
import { createLog } from '../../../src/platform/http/log.ts';
import { databaseUri, dropDatabase } from '../../support/database.ts';

/** Longer than any test takes. */
const LONG_MS = 60_000;
/** So short that a test can wait for its end. */
const SHORT_MS = 1500;

const log = createLog('silent');
const never = new AbortController().signal;

describe('a lease', () => {
  const uri = databaseUri();
  let database: Database;
  beforeAll(async () => {
    database = await connect(uri);
  });
  afterAll(async () => {
    await database.close();
    await dropDatabase(uri);
  });

  const stored = () => database.connection.collection<{ _id: string; holder: string; until: Date }>('leases');
  const request = (name: string, holder: string, forMs = LONG_MS) => ({ name, holder, forMs, stopping: never, log });
  const aborted = async (signal: AbortSignal) => signal.aborted || (await once(signal, 'abort'));

  it('is one of fifty holders’ who want it at once', async () => {
    const leases = createLeases(database.connection);
    const holders = Array.from({ length: 50 }, (_, index) => `node ${index}`);
    const taken = await Promise.all(holders.map((holder) => leases.take('wanted', holder, LONG_MS)));
    expect(taken.filter(Boolean)).toHaveLength(1);
    const winner = holders[taken.indexOf(true)]!;
    expect(await leases.take('wanted', winner, LONG_MS)).toBe(true);
    await leases.giveBack('wanted', 'somebody else');
    expect(await leases.take('wanted', 'somebody else', LONG_MS)).toBe(false);
    await leases.giveBack('wanted', winner);
    expect(await leases.take('wanted', 'somebody else', LONG_MS)).toBe(true);
  });

  it('can be taken from a holder whose time has run out', async () => {
    const leases = createLeases(database.connection);
    await leases.take('left', 'dead node', LONG_MS);
    await stored().updateOne({ _id: 'left' }, { $set: { until: new Date(Date.now() - 1000) } });
    expect(await leases.take('left', 'node', LONG_MS)).toBe(true);
    expect(await leases.take('left', 'dead node', LONG_MS)).toBe(false);
  });

  it('is kept by a heartbeat, and given back after the work', async () => {
    const leases = createLeases(database.connection);
    const result = await underLease(leases, request('kept', 'node', SHORT_MS), async (signal) => {
      const first = (await stored().findOne({ _id: 'kept' }))!.until;
      const until = async () => (await stored().findOne({ _id: 'kept' }))!.until.getTime();
      while ((await until()) < first.getTime() + SHORT_MS) expect(signal.aborted).toBe(false);
      expect(await underLease(leases, request('kept', 'other node'), async () => 'worked')).toBeUndefined();
      return 'done';
    });
    expect(result).toBe('done');
    expect(await stored().findOne({ _id: 'kept' })).toBeNull();
  });

  it('is given back after work that failed', async () => {
    const leases = createLeases(database.connection);
    const failing = underLease(leases, request('failed', 'node'), () => Promise.reject(new Error('no')));
    await expect(failing).rejects.toThrow('no');
    expect(await stored().findOne({ _id: 'failed' })).toBeNull();
  });

  it('tells the work when another node has taken it', async () => {
    const leases = createLeases(database.connection);
    await underLease(leases, request('stolen', 'node', SHORT_MS), async (signal) => {
      const theft = { holder: 'other node', until: new Date(Date.now() + LONG_MS) };
      await stored().updateOne({ _id: 'stolen' }, { $set: theft });
      await aborted(signal);
    });
    expect(await stored().findOne({ _id: 'stolen' })).toMatchObject({ holder: 'other node' });
  });

  it('is lost when the database cannot be asked until its time has run out', async () => {
    const other = await connect(uri);
    const leases = createLeases(other.connection);
    const work = underLease(leases, request('cut off', 'node', SHORT_MS), async (signal) => {
      await other.close();
      await aborted(signal);
    });
    await expect(work).rejects.toThrow();
    expect(await stored().findOne({ _id: 'cut off' })).toMatchObject({ holder: 'node' });
  });

  it('ends with the node', async () => {
    const node = new AbortController();
    const leases = createLeases(database.connection);
    await underLease(leases, { ...request('stopped', 'node'), stopping: node.signal }, async (signal) => {
      node.abort();
      await aborted(signal);
    });
    expect(await stored().findOne({ _id: 'stopped' })).toBeNull();
  });
});
