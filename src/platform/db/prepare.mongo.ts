import { mongo, type Connection, type Model } from 'mongoose';
import { createSemaphore } from '../semaphore.ts';

/** More at once would queue for the server's catalogue until the connection pool gives up. */
const AT_ONCE = 4;

const COLLECTION_EXISTS = 48;

/**
 * Makes every collection and index that the models of `connection` declare. Safe from several nodes at once: the server
 * makes each of them once and tells the others that it is there. A new index on millions of documents takes longer than
 * any request may, so this has a connection of its own that waits; all indexes of a collection are one command, for which
 * the server reads it once.
 */
export async function prepareCollections(connection: Connection, uri: string): Promise<void> {
  const client = new mongo.MongoClient(uri, { serverSelectionTimeoutMS: 5000, connectTimeoutMS: 2000 });
  const inTurn = createSemaphore(AT_ONCE);
  try {
    const db = client.db(connection.name);
    const prepareInTurn = (model: Model<unknown>) => inTurn(() => prepare(db, model));
    await Promise.all(Object.values(connection.models).map(prepareInTurn));
  } finally {
    await client.close();
  }
}

async function prepare(db: mongo.Db, model: Model<unknown>): Promise<void> {
  const { name } = model.collection;
  // Made beforehand, because making one inside a transaction conflicts with every other transaction that tries.
  await db.createCollection(name).catch(forgiveExisting);
  const indexes = model.schema.indexes().map(([key, traits]) => ({ key, ...traits }) as mongo.IndexDescription);
  if (indexes.length > 0) await db.collection(name).createIndexes(indexes);
}

function forgiveExisting(error: unknown): void {
  if ((error as { code?: number }).code !== COLLECTION_EXISTS) throw error;
}
