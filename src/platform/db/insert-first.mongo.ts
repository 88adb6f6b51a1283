import type { Collection } from 'mongoose';
import { isDuplicateKey } from './connection.mongo.ts';

/** True for the first who inserts a document with this id: of fifty at once, on any nodes, exactly one. Never part of a transaction. */
export async function insertFirst(
  collection: Collection,
  document: { _id: string; [field: string]: unknown },
): Promise<boolean> {
  try {
    await collection.insertOne(document as object);
    return true;
  } catch (error) {
    if (isDuplicateKey(error)) return false;
    throw error;
  }
}
