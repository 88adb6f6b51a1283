import type { Model } from 'mongoose';
import { isDuplicateKey } from './connection.mongo.ts';

/** The database's clock, in an aggregation expression. Nodes' clocks differ, and every limit counts for all nodes. */
export const NOW = '$$NOW';

/** So many milliseconds from now, by the database's clock. */
export const inMs = (ms: unknown) => ({ $add: [NOW, ms] });

export type Stage = { $set: Record<string, unknown> };

/**
 * Finds or makes the document that `filter` names and changes it by `stages`, in one update that reads the database's
 * clock: of fifty at once each sees the ones before it. Never part of the caller's transaction, which might be rolled back.
 */
export async function changeByDatabaseClock<T>(model: Model<T>, filter: object, stages: Stage[]): Promise<T> {
  const change = () => model.collection.findOneAndUpdate(filter, stages, { upsert: true, returnDocument: 'after' });
  const changed = await change().catch((error: unknown) => {
    // Two first updates at once: one of them made the document.
    if (isDuplicateKey(error)) return change();
    throw error;
  });
  // A cast, because an upsert always returns the document, and only these stores write it.
  return changed as T;
}
