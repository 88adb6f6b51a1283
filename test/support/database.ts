import { randomBytes } from 'node:crypto';
import { mongo, type Connection } from 'mongoose';
import { connect, type Database } from '../../src/platform/db/connection.mongo.ts';

/** A new database on the test run's MongoDB. */
export function databaseUri(): string {
  const base = process.env['COHORT_TEST_MONGODB'];
  if (!base) throw new Error('The test run has no MongoDB; global-setup.ts starts it.');
  return base.replace(/\/[^/?]*(\?|$)/, `/${ofRun()}${randomBytes(6).toString('hex')}$1`);
}

const ofRun = () => `test_${process.env['COHORT_TEST_RUN']}_`;

/** On a server that outlives the test run: spare databases have stayed until now. */
export async function dropDatabasesOfRun(uri: string): Promise<void> {
  const client = new mongo.MongoClient(uri);
  try {
    const { databases } = await client.db().admin().listDatabases({ nameOnly: true });
    for (const { name } of databases) if (name.startsWith(ofRun())) await client.db(name).dropDatabase();
  } finally {
    await client.close();
  }
}

/**
 * For when every app on it has stopped: one that stops still writes what it has counted. Waits for the transaction of a
 * process that was killed in the middle, which the server gives up after a minute.
 */
export async function dropDatabase(uri: string): Promise<void> {
  const client = new mongo.MongoClient(uri);
  try {
    await client.db().dropDatabase();
    // Files of what was dropped stay open until a checkpoint, and the next one would only come within a minute.
    await client.db('admin').command({ fsync: 1 });
  } finally {
    await client.close();
  }
}

export interface OpenStore<S> {
  store: S;
  database: Database;
  /** The same store, as another node has it. */
  openAgain(): Promise<OpenStore<S>>;
  /** Empties it. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

/** A store without an app, on a database of its own with its collections and indexes. */
export async function openStore<S>(
  create: (connection: Connection) => S,
  uri: string = databaseUri(),
): Promise<OpenStore<S>> {
  const database = await connect(uri);
  const store = create(database.connection);
  await database.prepare();
  return {
    store,
    database,
    openAgain: () => openStore(create, uri),
    async clear() {
      await Promise.all(Object.values(database.connection.models).map((model) => model.deleteMany({})));
    },
    async close() {
      await database.connection.db!.dropDatabase();
      await database.close();
    },
  };
}
