import { Schema, type Connection } from 'mongoose';
import { changeByDatabaseClock, inMs, NOW } from '../../platform/db/clocked.mongo.ts';
import { createDeferredWrites } from '../../platform/db/deferred-writes.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Lock } from './password.ts';

/** Who was right starts afresh within this time, or with the next attempt in this process. */
const FORGIVEN_MS = 100;
const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** After a day without an attempt all is forgotten. */
const REMEMBERED_MS = 24 * 3600_000;

interface WaitDocument {
  _id: string;
  failures: number;
  /** When the next attempt may come; absent while attempts are free. */
  until?: Date;
  expiresAt: Date;
  /** Whether the last attempt was let in. */
  admitted: boolean;
  /** The database's time at the last attempt. */
  attemptedAt: Date;
}

const schema = new Schema<WaitDocument>(
  { _id: String, failures: Number, until: Date, expiresAt: Date, admitted: Boolean, attemptedAt: Date },
  { collection: 'sign_in_backoff', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/**
 * Failures in a row, and how long the next attempt has to wait: the first `free` not at all, then twice as long each time,
 * from five seconds to a quarter of an hour. An attempt that comes too early is turned away and does not count, so nobody
 * waits longer than that for having tried. All times are the database's.
 */
export function createGrowingWaits(connection: Connection, { free }: { free: number }) {
  const Waits = modelOf(connection, 'Wait', schema);
  const forgiven = createDeferredWrites<true>(connection, {
    withinMs: FORGIVEN_MS,
    write: (entries) => Waits.collection.deleteMany({ _id: { $in: [...entries.keys()] } } as object),
  });

  /** Counts an attempt as failed until `forgive` says otherwise. The seconds to wait when it comes too early; else 0. */
  async function take(key: string): Promise<number> {
    const { admitted, until, attemptedAt } = await changeByDatabaseClock(
      Waits,
      { _id: key },
      stages(free, { afresh: forgiven.take(key) === true }),
    );
    return admitted || !until ? 0 : Math.max(1, (until.getTime() - attemptedAt.getTime()) / 1000);
  }

  /** The last attempt was right: all before it are forgotten, in a moment. */
  const forgive = (key: string): void => forgiven.put(key, true);

  async function clear(key: string): Promise<void> {
    forgiven.take(key);
    await Waits.deleteOne({ _id: key });
  }

  async function look(key: string): Promise<Lock> {
    if (forgiven.has(key)) return { failedAttempts: 0 };
    const [found] = await Waits.aggregate<{ failures: number; until?: Date }>([
      { $match: { _id: key, $expr: { $gt: ['$expiresAt', NOW] } } },
      { $project: { failures: 1, until: { $cond: [{ $lte: ['$until', NOW] }, '$$REMOVE', '$until'] } } },
    ]);
    if (!found) return { failedAttempts: 0 };
    return { failedAttempts: found.failures, ...(found.until ? { until: found.until } : {}) };
  }

  return { take, forgive, clear, look };
}

function stages(free: number, { afresh }: { afresh: boolean }) {
  const isForgotten = afresh || { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, NOW] };
  // Not by `until` while attempts are free: of several at once, one with an earlier time may be written after a later one.
  const isAdmitted = { $or: [{ $lt: ['$failures', free] }, { $lte: ['$until', NOW] }] };
  const doublings = { $min: [{ $subtract: ['$failures', free] }, 20] };
  const wait = { $min: [{ $multiply: [FIRST_WAIT_MS, { $pow: [2, doublings] }] }, LONGEST_WAIT_MS] };
  const nextUntil = { $cond: [{ $lt: ['$failures', free] }, '$$REMOVE', inMs(wait)] };
  return [
    { $set: { failures: { $cond: [isForgotten, 0, '$failures'] } } },
    { $set: { admitted: isAdmitted } },
    { $set: { failures: { $add: ['$failures', { $cond: ['$admitted', 1, 0] }] } } },
    {
      $set: {
        until: { $cond: ['$admitted', nextUntil, '$until'] },
        expiresAt: inMs(REMEMBERED_MS),
        attemptedAt: NOW,
      },
    },
  ];
}
