import type { Connection } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { countersIn } from '../db/counters.mongo.ts';
import { TooManyRequests, type Rate, type RateLimit } from '../http/rate-limit.ts';

const WINDOW_SECONDS = 60;

/** Counted in MongoDB, so that every node sees the same number. */
export function createRateLimit(connection: Connection, requestsPerMinute: number): RateLimit {
  const limiter = new RateLimiterMongo({
    ...countersIn(connection, 'request_rates'),
    keyPrefix: 'service',
    points: requestsPerMinute,
    duration: WINDOW_SECONDS,
    // Who is over the limit is refused from memory and costs the database nothing.
    inMemoryBlockOnConsumed: requestsPerMinute + 1,
  });

  return async (serviceId) => {
    try {
      return toRate(await limiter.consume(serviceId), requestsPerMinute);
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      const rate = toRate(rejection, requestsPerMinute);
      throw TooManyRequests({ retryAfter: Math.max(1, rate.resetSeconds), rate });
    }
  };
}

function toRate({ remainingPoints, msBeforeNext }: RateLimiterRes, quota: number): Rate {
  const resetSeconds = Math.ceil(msBeforeNext / 1000);
  return { quota, windowSeconds: WINDOW_SECONDS, remaining: Math.max(0, remainingPoints), resetSeconds };
}
