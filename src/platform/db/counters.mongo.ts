import { Schema, type Connection } from 'mongoose';
import { changeByDatabaseClock, inMs, NOW } from './clocked.mongo.ts';
import { createDeferredWrites } from './deferred-writes.mongo.ts';
import { modelOf } from './model.mongo.ts';

interface CounterDocument {
  key: string;
  points: number;
  /** When the window ends. */
  expire: Date;
  /** The database's time at the last change. */
  countedAt: Date;
}

export interface CounterOptions {
  collection: 'rate_limits' | 'request_rates';
  /** Keeps the keys of different counters apart. */
  prefix: string;
  /** How many uses a window has. */
  limit: number;
  windowSeconds: number;
}

/** What counting came to. */
export interface Count {
  isExceeded: boolean;
  /** How many of the uses are within the limit. */
  granted: number;
  remaining: number;
  /** Until the window ends. */
  secondsLeft: number;
}

/** Uses are given back within this time, or with the next use of the key in this process. */
const GIVEN_BACK_MS = 100;

export type Counter = ReturnType<typeof createCounter>;

/** Counts uses of a key in windows that begin with the first use, for all nodes together and by the database's clock. */
export function createCounter(connection: Connection, { collection, prefix, limit, windowSeconds }: CounterOptions) {
  const Counters = modelOf(connection, collection, schemaOf(collection));
  const filterOf = (key: string) => ({ key: `${prefix}:${key}` });
  const given = createDeferredWrites<number>(connection, {
    withinMs: GIVEN_BACK_MS,
    merge: (earlier, later) => earlier + later,
    write: (entries) =>
      Counters.collection.bulkWrite(
        [...entries].map(([key, uses]) => ({
          updateOne: { filter: filterOf(key), update: [{ $set: { points: lessened('$points', uses) } }] },
        })),
      ),
  });

  return {
    /** Counts uses, also beyond the limit. */
    async count(key: string, uses = 1): Promise<Count> {
      const isRunning = { $gt: ['$expire', NOW] };
      const before = lessened('$points', given.take(key) ?? 0);
      const { points, expire, countedAt } = await changeByDatabaseClock(Counters, filterOf(key), [
        {
          $set: {
            points: { $cond: [isRunning, { $add: [before, uses] }, uses] },
            expire: { $cond: [isRunning, '$expire', inMs(windowSeconds * 1000)] },
            countedAt: NOW,
          },
        },
      ]);
      return {
        isExceeded: points > limit,
        granted: Math.max(0, uses - Math.max(0, points - limit)),
        remaining: Math.max(0, limit - points),
        secondsLeft: (expire.getTime() - countedAt.getTime()) / 1000,
      };
    },

    /** Takes one use back, in a moment: of a use that was right, which limits nobody meanwhile. */
    giveBack: (key: string): void => given.put(key, 1),

    /** Starts again from nothing. */
    async clear(key: string): Promise<void> {
      await Counters.collection.deleteOne(filterOf(key));
    },
  };
}

const lessened = (points: string, by: number) => ({ $max: [0, { $subtract: [points, by] }] });

function schemaOf(collection: string): Schema<CounterDocument> {
  const schema = new Schema<CounterDocument>(
    { key: String, points: Number, expire: Date, countedAt: Date },
    { collection, versionKey: false },
  );
  schema.index({ expire: -1 }, { expireAfterSeconds: 0 });
  schema.index({ key: 1 }, { unique: true });
  return schema;
}
