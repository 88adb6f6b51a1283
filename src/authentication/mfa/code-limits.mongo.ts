import type { Connection } from 'mongoose';
import { sha256 } from '../../platform/ids.ts';
import { createCounter } from '../../platform/db/counters.mongo.ts';
import { TooManyAttempts } from '../credentials/password.ts';
import type { CodeLimits } from './code-limits.ts';

const SHORT_SECONDS = 15 * 60;
const LONG_SECONDS = 24 * 3600;
/** A day's attempts, as a multiple of a quarter of an hour's. */
const LONG_TIMES = 4;

/** Counted in MongoDB, so that every node sees the same numbers. */
export function createCodeLimits(connection: Connection, { attempts }: { attempts: number }): CodeLimits {
  const counter = (prefix: string, limit: number, windowSeconds: number) =>
    createCounter(connection, { collection: 'attempts', prefix, limit, windowSeconds });
  const soon = counter('code', attempts, SHORT_SECONDS);
  const day = counter('code-day', attempts * LONG_TIMES, LONG_SECONDS);

  return {
    async begin(userId) {
      const key = sha256(userId);
      const { remaining, ...now } = await soon.count(key);
      refuse(now);
      refuse(await day.count(key));
      return { isLast: remaining === 0 };
    },

    async succeed(userId) {
      await Promise.all([soon, day].map((counter) => counter.clear(sha256(userId))));
    },
  };
}

function refuse({ isExceeded, secondsLeft }: { isExceeded: boolean; secondsLeft: number }): void {
  if (isExceeded) throw TooManyAttempts({ retryAfter: Math.max(1, secondsLeft) });
}
