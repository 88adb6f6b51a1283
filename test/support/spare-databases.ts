import { mongo } from 'mongoose';
import type { SigningAlgorithm } from '../../config/protocol-settings.ts';
import type { App } from '../../src/app/app.ts';
import type { Key } from '../../src/oidc/keys/key.ts';
import { createKeyStore } from '../../src/oidc/keys/keys.mongo.ts';
import { createEncryption, type EncryptionKey } from '../../src/platform/encryption.ts';
import { databaseUri, dropDatabase } from './database.ts';

/** A database for one app at a time. */
export interface AppDatabase {
  uri: string;
  /** What the apps on it have signed with. */
  signingKeys: Key[];
  /** The collections and indexes that the first app made. */
  catalogue: string | undefined;
}

/**
 * Databases whose app has stopped: without documents, but with all collections and indexes. Making these takes longer than
 * everything else that an app does at its start. The test files of a worker share them.
 */
const spare: AppDatabase[] = [];

/** More documents than this are dropped faster than deleted. */
const FEW_DOCUMENTS = 5_000;

/** An empty database that no other app uses. */
export function takeDatabase(): AppDatabase {
  return spare.pop() ?? { uri: databaseUri(), signingKeys: [], catalogue: undefined };
}

/** For when every app on it has stopped: one that stops still writes what it has counted. */
export async function giveBack(database: AppDatabase): Promise<void> {
  if (await empty(database)) spare.push(database);
  else await dropDatabase(database.uri);
}

/** @returns false, and deletes nothing, where a new one is faster, or where a test has changed more than documents */
async function empty({ uri, catalogue }: AppDatabase): Promise<boolean> {
  const client = new mongo.MongoClient(uri);
  try {
    const db = client.db();
    if ((await db.stats())['objects'] > FEW_DOCUMENTS || (await catalogueOf(db)) !== catalogue) return false;
    const collections = await db.collections();
    await Promise.all(collections.map((collection) => collection.deleteMany({})));
    return true;
  } finally {
    await client.close();
  }
}

/** Which collections there are, with their validators and other options, and how many indexes. */
async function catalogueOf(db: mongo.Db): Promise<string> {
  const collections = await db.listCollections<mongo.CollectionInfo>({}, { nameOnly: false }).toArray();
  const { indexes } = await db.stats();
  return JSON.stringify([indexes, collections.map(({ name, options }) => `${name} ${JSON.stringify(options)}`).sort()]);
}

/**
 * Starts an app on this database, with the signing keys of an app before it, because making them takes long. Two apps at a
 * time have different ones.
 */
export async function startOn(
  database: AppDatabase,
  app: App,
  { encryptionKeys, algorithms, now }: { encryptionKeys: EncryptionKey[]; algorithms: SigningAlgorithm[]; now: Date },
): Promise<void> {
  const { connection } = app.database;
  const store = createKeyStore(connection, createEncryption(encryptionKeys));
  const known = database.signingKeys.filter(({ use }) => algorithms.some((algorithm) => algorithm === use));
  for (const key of known) await store.insert({ ...key, signsFrom: now });
  await app.start({ withTasks: false });
  const isNew = ({ use }: Key) =>
    algorithms.some((algorithm) => algorithm === use) && !known.some((key) => key.use === use);
  database.signingKeys.push(...(await store.list()).filter(isNew));
  database.catalogue ??= await catalogueOf(connection.db!);
}
