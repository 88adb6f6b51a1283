import { Schema, type Connection } from 'mongoose';
import { isDatabaseAway } from '../../../src/platform/db/away.ts';
import { connect, type Database } from '../../../src/platform/db/connection.mongo.ts';
import { modelOf } from '../../../src/platform/db/model.mongo.ts';
import { databaseUri, dropDatabase } from '../../support/database.ts';
import { startProxy } from '../../support/tcp-proxy.ts';

const schema = new Schema<{ name: string }>({ name: { type: String, required: true } }, { collection: 'things' });
const thingsIn = (connection: Connection) => modelOf(connection, 'Thing', schema);
const errorOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('that the database is away', () => {
  const uri = databaseUri();
  let database: Database;
  beforeAll(async () => {
    database = await connect(`${uri}&maxPoolSize=1`);
    await thingsIn(database.connection).create({ name: 'first' });
  });
  afterAll(async () => {
    await database.close();
    await dropDatabase(uri);
  });

  it('is known of every kind of operation when no connection is free', async () => {
    const things = thingsIn(database.connection);
    const busy = things.collection.findOne({ $where: 'sleep(4000)' });
    const errors = await Promise.all(
      [
        things.find().exec(),
        things.create({ name: 'Ada' }),
        things.insertMany([{ name: 'Ada' }, { name: 'Grace' }]),
        things.bulkWrite([{ updateOne: { filter: { name: 'Ada' }, update: { name: 'Grace' }, upsert: true } }]),
        things.collection.updateOne({ name: 'Ada' }, { $set: { name: 'Grace' } }),
        database.transact(() => things.create([{ name: 'Ada' }])),
        database.ping(),
      ].map(errorOf),
    );
    await busy;
    expect(errors.map((error) => isDatabaseAway(error))).toEqual(errors.map(() => true));
    expect(errors.map((error) => (error as Error).name)).toEqual(
      expect.arrayContaining(['MongoWaitQueueTimeoutError', 'MongoBulkWriteError']),
    );
  });

  it.each(['things', 'commitTransaction'])(
    'is known of every kind of operation when it is lost at %s',
    async (text) => {
      const target = Number(/127\.0\.0\.1:(\d+)/.exec(uri)?.[1]);
      const proxy = await startProxy(target);
      const through = uri
        .replace(String(target), String(proxy.port))
        .replace(/replicaSet=[^&]*/, 'directConnection=true');
      const remote = await connect(through);
      try {
        const things = thingsIn(remote.connection);
        proxy.cutWhenSent(text);
        const operations = [
          () => things.find().exec(),
          () => things.insertMany([{ name: 'Ada' }]),
          () => things.updateMany({ name: 'Ada' }, { name: 'Grace' }),
          () => things.aggregate([{ $match: { name: 'Ada' } }]),
        ];
        const errors = [];
        if (text === 'things') for (const operation of operations) errors.push(await errorOf(operation()));
        const session = await remote.connection.startSession();
        session.startTransaction();
        errors.push(
          await errorOf(things.create([{ name: 'Ada' }], { session }).then(() => session.commitTransaction())),
        );
        expect(errors.map((error) => isDatabaseAway(error))).toEqual(errors.map(() => true));
        await errorOf(session.endSession());
      } finally {
        await remote.close();
        await proxy.close();
      }
    },
  );

  it('is known of what wraps it', () => {
    const lost = Object.assign(new Error('gone'), { name: 'MongoNetworkError' });
    expect(isDatabaseAway(new Error('outer', { cause: new Error('inner', { cause: lost }) }))).toBe(true);
    expect(isDatabaseAway(new AggregateError([new Error('other'), lost]))).toBe(true);
    const stepped = Object.assign(new Error('not primary'), { name: 'MongoServerError', code: 10107 });
    expect(isDatabaseAway(stepped)).toBe(true);
    const circle = new Error('circle');
    circle.cause = circle;
    expect(isDatabaseAway(circle)).toBe(false);
  });

  it('is not said of what the database refuses, or of other servers', async () => {
    const things = thingsIn(database.connection);
    const { _id } = await things.create({ name: 'Ada' });
    const refused = await Promise.all(
      [
        things.insertMany([{ _id, name: 'Grace' }]),
        things.create({}),
        things.collection.updateOne({ _id }, { $set: { $bad: 1 } }),
        things.collection.insertOne({ name: 'x'.repeat(17 * 1024 * 1024) }),
        fetch('http://127.0.0.1:1/'),
      ].map(errorOf),
    );
    for (const error of refused) {
      expect(error).toBeDefined();
      expect(isDatabaseAway(error)).toBe(false);
    }
    for (const nothing of [undefined, null, 'MongoNetworkError', 7, {}]) expect(isDatabaseAway(nothing)).toBe(false);
  });
});
