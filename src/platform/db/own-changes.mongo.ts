import type { Connection, Query, Schema } from 'mongoose';
import { changesOf } from './change-feed.mongo.ts';
import { afterCommit } from './transactions.mongo.ts';

const CHANGING = /^(update(One|Many)|replaceOne|delete(One|Many)|findOneAnd(Update|Replace|Delete))$/;

/**
 * Has this process see at once what it changes through models of this schema itself: the caches over the collection forget
 * it when the change is there for others to see, which in a transaction is after the commit.
 */
export function tellOwnChanges<T>(schema: Schema<T>): void {
  schema.post(CHANGING, function (this: Query<unknown, unknown>) {
    const { collection, db } = this.model;
    tellChanged(db, collection.name, idsOf(this.getFilter()['_id']));
  });
  schema.post('bulkWrite', function () {
    tellChanged(this.db, this.collection.name);
  });
}

/** The same for changes that pass no model; of everything in the collection without ids. */
export function tellChanged(connection: Connection, collection: string, ids?: string[]): void {
  afterCommit(() => changesOf(connection).tell(collection, ids));
}

/** The ids that a condition names; undefined for any other one. */
function idsOf(condition: unknown): string[] | undefined {
  if (typeof condition === 'string') return [condition];
  const { $in: named } = (condition ?? {}) as { $in?: unknown };
  return Array.isArray(named) && named.every((id) => typeof id === 'string') ? named : undefined;
}
