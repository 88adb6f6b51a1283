import type { Connection } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { sha256 } from '../base/ids.ts';
import { countersIn } from '../db/counters.mongo.ts';
import { TooManyAttempts } from '../credentials/password.ts';
import type { CodeLimits } from './code-limits.ts';

const SHORT_SECONDS = 15 * 60;
const LONG_SECONDS = 24 * 3600;
/** A day's attempts, as a multiple of a quarter of an hour's. */
const LONG_TIMES = 4;

/** Counted in MongoDB, so that every node sees the same numbers. */
export function createCodeLimits(connection: Connection, { attempts }: { attempts: number }): CodeLimits {
  const common = countersIn(connection, 'attempts');
  const soon = new RateLimiterMongo({ ...common, keyPrefix: 'code', points: attempts, duration: SHORT_SECONDS });
  const day = new RateLimiterMongo({
    ...common,
    keyPrefix: 'code-day',
    points: attempts * LONG_TIMES,
    duration: LONG_SECONDS,
  });

  return {
    async begin(userId) {
      const key = sha256(userId);
      try {
        const { remainingPoints } = await soon.consume(key);
        await day.consume(key);
        return { isLast: remainingPoints === 0 };
      } catch (rejection) {
        if (!(rejection instanceof RateLimiterRes)) throw rejection;
        throw TooManyAttempts({ retryAfter: Math.max(1, rejection.msBeforeNext / 1000) });
      }
    },

    async succeed(userId) {
      await Promise.all([soon, day].map((limiter) => limiter.delete(sha256(userId))));
    },
  };
}
