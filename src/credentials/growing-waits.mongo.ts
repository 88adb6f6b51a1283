import { Schema, type Connection } from 'mongoose';
import type { Clock } from '../base/clock.ts';
import { modelOf } from '../db/model.mongo.ts';
import type { Lock } from './password.ts';

const FIRST_WAIT_MS = 5_000;
const LONGEST_WAIT_MS = 15 * 60_000;
/** After a day without an attempt all is forgotten. */
const REMEMBERED_MS = 24 * 3600_000;
const DUPLICATE_KEY = 11000;

interface WaitDocument {
  _id: string;
  failures: number;
  until: Date;
  expiresAt: Date;
  /** Whether the last attempt was let in. */
  admitted: boolean;
}

const schema = new Schema<WaitDocument>(
  { _id: String, failures: Number, until: Date, expiresAt: Date, admitted: Boolean },
  { collection: 'waits', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

/**
 * Failures in a row, and how long the next attempt has to wait: the first `free` not at all, then twice as long each time,
 * from five seconds to a quarter of an hour. An attempt that comes too early is turned away and does not count, so nobody
 * waits longer than that for having tried.
 */
export function createGrowingWaits(connection: Connection, { free, now }: { free: number; now: Clock }) {
  const Waits = modelOf(connection, 'Wait', schema);

  /** Counts an attempt as failed until `clear` says otherwise. The seconds to wait when it comes too early; else 0. */
  async function take(key: string): Promise<number> {
    const at = now();
    const { admitted, until } = await count(key, at).catch((error: { code?: number }) => {
      // Two first attempts at once: one of them made the document.
      if (error.code === DUPLICATE_KEY) return count(key, at);
      throw error;
    });
    return admitted ? 0 : Math.max(1, (until.getTime() - at.getTime()) / 1000);
  }

  // One update that looks and counts, so that of fifty at once each sees the ones before it.
  function count(key: string, at: Date): Promise<WaitDocument> {
    const isOver = { $lte: [{ $ifNull: ['$expiresAt', new Date(0)] }, at] };
    const doublings = { $min: [{ $subtract: ['$failures', free] }, 20] };
    const wait = { $min: [{ $multiply: [FIRST_WAIT_MS, { $pow: [2, doublings] }] }, LONGEST_WAIT_MS] };
    const nextUntil = { $cond: [{ $lt: ['$failures', free] }, at, { $add: [at, wait] }] };
    const stages = [
      {
        $set: { admitted: { $or: [isOver, { $lte: ['$until', at] }] }, failures: { $cond: [isOver, 0, '$failures'] } },
      },
      { $set: { failures: { $add: ['$failures', { $cond: ['$admitted', 1, 0] }] } } },
      {
        $set: {
          until: { $cond: ['$admitted', nextUntil, '$until'] },
          expiresAt: new Date(at.getTime() + REMEMBERED_MS),
        },
      },
    ];
    return Waits.findOneAndUpdate({ _id: key }, stages, {
      upsert: true,
      returnDocument: 'after',
      updatePipeline: true,
    })
      .lean()
      .orFail();
  }

  async function clear(key: string): Promise<void> {
    await Waits.deleteOne({ _id: key });
  }

  async function look(key: string): Promise<Lock> {
    const found = await Waits.findOne({ _id: key }).lean();
    if (!found || found.expiresAt <= now()) return { failedAttempts: 0 };
    return { failedAttempts: found.failures, until: found.until };
  }

  return { take, clear, look };
}
