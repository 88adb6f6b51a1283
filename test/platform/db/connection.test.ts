import { connect } from '../../../src/platform/db/connection.mongo.ts';
import { startApp } from '../../support/app.ts';
import { databaseUri, dropDatabase } from '../../support/database.ts';

describe('a connection to the database', () => {
  it('takes from the connection string how many connections it may have and how long it waits', async () => {
    const uri = databaseUri();
    const database = await connect(`${uri}&maxPoolSize=7&waitqueuetimeoutms=900`);
    const { maxPoolSize, waitQueueTimeoutMS, socketTimeoutMS } = database.connection.getClient().options;
    expect({ maxPoolSize, waitQueueTimeoutMS, socketTimeoutMS }).toEqual({
      maxPoolSize: 7,
      waitQueueTimeoutMS: 900,
      socketTimeoutMS: 10_000,
    });
    await database.close();
    await dropDatabase(uri);
  });

  it('writes to the majority and reads from the primary, whatever the connection string says', async () => {
    const uri = databaseUri();
    const database = await connect(`${uri}&w=1&readPreference=secondary&retryWrites=false&minPoolSize=5`);
    const beside = database.openClient({ poolSize: 2 });
    for (const { options } of [database.connection.getClient(), beside]) {
      expect([options.writeConcern.w, options.readPreference.mode, options.retryWrites]).toEqual([
        'majority',
        'primary',
        true,
      ]);
    }
    expect(beside.options.maxPoolSize).toBe(2);
    await beside.db().command({ ping: 1 });
    await beside.close();
    await database.close();
    await dropDatabase(uri);
  });
});

describe('the start of a node', () => {
  it('makes every index that a collection is declared with', async () => {
    const { app, tearDown } = await startApp();
    const models = Object.values(app.database.connection.models);
    expect(models.length).toBeGreaterThan(50);
    for (const { collection, schema } of models) {
      const made = (await collection.indexes()).map(({ key }) => JSON.stringify(key));
      const declared = schema.indexes().map(([key]) => JSON.stringify(key));
      expect({ collection: collection.name, made }).toEqual({
        collection: collection.name,
        made: expect.arrayContaining(['{"_id":1}', ...declared]),
      });
    }
    await tearDown();
  });
});
