import { Schema, type Connection } from 'mongoose';
import { changeByDatabaseClock, inMs, NOW } from './clocked.mongo.ts';
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
  collection: 'attempts' | 'request_rates';
  /** Keeps the keys of different counters apart. */
  prefix: string;
  /** How many uses a window has. */
  limit: number;
  windowSeconds: number;
}

/** What counting came to. */
export interface Count {
  isExceeded: boolean;
  remaining: number;
  /** Until the window ends. */
  secondsLeft: number;
}

export type Counter = ReturnType<typeof createCounter>;

/** Counts uses of a key in windows that begin with the first use, for all nodes together and by the database's clock. */
export function createCounter(connection: Connection, { collection, prefix, limit, windowSeconds }: CounterOptions) {
  const Counters = modelOf(connection, collection, schemaOf(collection));
  const filterOf = (key: string) => ({ key: `${prefix}:${key}` });

  return {
    /** Counts a use, also beyond the limit. */
    async count(key: string): Promise<Count> {
      const isRunning = { $gt: ['$expire', NOW] };
      const { points, expire, countedAt } = await changeByDatabaseClock(Counters, filterOf(key), [
        {
          $set: {
            points: { $cond: [isRunning, { $add: ['$points', 1] }, 1] },
            expire: { $cond: [isRunning, '$expire', inMs(windowSeconds * 1000)] },
            countedAt: NOW,
          },
        },
      ]);
      return {
        isExceeded: points > limit,
        remaining: Math.max(0, limit - points),
        secondsLeft: (expire.getTime() - countedAt.getTime()) / 1000,
      };
    },

    /** Takes one use back. */
    async giveBack(key: string): Promise<void> {
      await Counters.collection.updateOne(filterOf(key), [
        { $set: { points: { $max: [0, { $subtract: ['$points', 1] }] } } },
      ]);
    },

    /** Starts again from nothing. */
    async clear(key: string): Promise<void> {
      await Counters.collection.deleteOne(filterOf(key));
    },
  };
}

function schemaOf(collection: string): Schema<CounterDocument> {
  const schema = new Schema<CounterDocument>(
    { key: String, points: Number, expire: Date, countedAt: Date },
    { collection, versionKey: false },
  );
  schema.index({ expire: -1 }, { expireAfterSeconds: 0 });
  schema.index({ key: 1 }, { unique: true });
  return schema;
}
