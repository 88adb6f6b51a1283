import { setTimeout as pause } from 'node:timers/promises';
import { Schema } from 'mongoose';
import { isDatabaseAway } from '../../../src/platform/db/away.ts';
import { connect, type Database } from '../../../src/platform/db/connection.mongo.ts';
import { modelOf } from '../../../src/platform/db/model.mongo.ts';
import { createTransact } from '../../../src/platform/db/transactions.mongo.ts';
import { databaseUri, dropDatabase } from '../../support/database.ts';

const schema = new Schema<{ _id: string; count: number }>({ _id: String, count: Number }, { collection: 'counters' });

describe('a transaction that meets another one', () => {
  const uri = databaseUri();
  let database: Database;
  beforeAll(async () => {
    database = await connect(uri);
    await counters().create({ _id: 'one', count: 0 });
  });
  afterAll(async () => {
    await database.close();
    await dropDatabase(uri);
  });

  const counters = () => modelOf(database.connection, 'Counter', schema);
  const countUp = async () => void (await counters().updateOne({ _id: 'one' }, { $inc: { count: 1 } }));
  const counted = async () => (await counters().findById('one').lean())!.count;

  /** Has a change under way that others wait for, until the returned function is called. */
  async function occupy(): Promise<() => Promise<void>> {
    const session = await database.connection.startSession();
    session.startTransaction();
    await counters().collection.updateOne({ _id: 'one' as never }, { $inc: { count: 10 } }, { session });
    return async () => {
      await session.commitTransaction();
      await session.endSession();
    };
  }

  it('is tried again until that one is done', async () => {
    const before = await counted();
    const free = await occupy();
    let tries = 0;
    let isSeen = false;
    const done = database.transact(
      () => {
        tries += 1;
        return countUp();
      },
      () => void (isSeen = true),
    );
    await pause(100);
    await free();
    await done;
    expect({ counted: (await counted()) - before, isSeen }).toEqual({ counted: 11, isSeen: true });
    expect(tries).toBeGreaterThan(1);
  });

  it('is given up after a while, as when the database is away', async () => {
    const transact = createTransact(database.connection, { retryMs: 300 });
    const free = await occupy();
    const started = performance.now();
    const error: unknown = await transact(countUp).catch((thrown: unknown) => thrown);
    const ms = performance.now() - started;
    await free();
    expect(error).toMatchObject({ message: 'A transaction failed for 300 ms.', cause: { code: 112 } });
    expect(isDatabaseAway(error)).toBe(true);
    expect(ms).toBeLessThan(5000);
    await transact(countUp);
  });

  it('is not tried again for an error of its own', async () => {
    let tries = 0;
    const refused = database.transact(() => {
      tries += 1;
      return Promise.reject(new Error('refused'));
    });
    await expect(refused).rejects.toThrow('refused');
    expect(tries).toBe(1);
  });
});
