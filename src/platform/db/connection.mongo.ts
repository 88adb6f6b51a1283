import { mongo, Mongoose, type Connection } from 'mongoose';
import { restOnDatabase } from '../basis.ts';
import { prepareCollections } from './prepare.mongo.ts';
import { createTransact } from './transactions.mongo.ts';
import type { Transact } from '../transaction.ts';

/** A connection of its own to the database, with the settings that every store relies on. */
export interface Database {
  connection: Connection;
  transact: Transact;
  /** Connections of its own, for what must not wait until one of the pool is free. Connects when first asked; the caller closes it. */
  openClient(options: { poolSize: number }): mongo.MongoClient;
  /** Makes the collections and indexes of all models; as long as that takes. */
  prepare(): Promise<void>;
  /** Rejects when the database does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** What a connection string may say otherwise (https://www.mongodb.com/docs/manual/reference/connection-string-options/). */
const DEFAULTS = {
  maxPoolSize: 50,
  serverSelectionTimeoutMS: 5000,
  connectTimeoutMS: 2000,
  heartbeatFrequencyMS: 2000,
  socketTimeoutMS: 10_000,
  waitQueueTimeoutMS: 2000,
};

/** What the stores rely on, whatever the connection string says. */
const RELIED_ON = { retryWrites: true, writeConcern: { w: 'majority' }, readPreference: 'primary' } as const;

/** Connects to the replica set at `uri`. @throws MongoServerSelectionError when it cannot be reached within 5 s. */
export async function connect(uri: string): Promise<Database> {
  // An instance of its own: two apps in one process (as in the tests) must not share settings or models.
  const mongoose = new Mongoose();
  mongoose.set('strictQuery', 'throw');
  mongoose.set('sanitizeFilter', true);
  mongoose.set('transactionAsyncLocalStorage', true);
  const connection = mongoose.createConnection(uri, {
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    ...optionsFor(uri),
  });
  connection.on('error', () => {
    // Reported by the call that failed; without a listener the process would end.
  });
  await connection.asPromise();
  // All that is asked of the database begins with this, and it is emitted where it is asked.
  connection.getClient().on('connectionCheckOutStarted', restOnDatabase);
  await assertReplicaSet(connection);

  const transact = createTransact(connection);

  return {
    connection,
    transact,
    openClient: ({ poolSize: maxPoolSize }) =>
      new mongo.MongoClient(uri, { ...optionsFor(uri), minPoolSize: 0, maxPoolSize }),
    prepare: () => prepareCollections(connection, uri),
    ping: async () => void (await connection.db!.command({ ping: 1 })),
    close: () => connection.close(),
  };
}

function optionsFor(uri: string): mongo.MongoClientOptions {
  const named = [...new URLSearchParams(uri.slice(uri.lastIndexOf('?'))).keys()].map((name) => name.toLowerCase());
  const defaults = Object.entries(DEFAULTS).filter(([name]) => !named.includes(name.toLowerCase()));
  return { ...Object.fromEntries(defaults), ...RELIED_ON };
}

/** Thrown for a database that cannot do what Cohort needs; its message is for the operator. */
export class DatabaseUnsuitable extends Error {
  override name = 'DatabaseUnsuitable';
}

// Found out at the start rather than by the first write: without a replica set there are no transactions.
async function assertReplicaSet(connection: Connection): Promise<void> {
  const hello = await connection.db!.command({ hello: 1 });
  if (hello['setName'] || hello['msg'] === 'isdbgrid') return;
  await connection.close();
  throw new DatabaseUnsuitable(
    'MONGODB_URI points to a standalone MongoDB server. Cohort requires a replica set, which may have a single node (mongod --replSet).',
  );
}

/** True when a write failed because a unique index already holds its value. */
export function isDuplicateKey(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 11000;
}
