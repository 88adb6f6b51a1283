import type { Connection } from 'mongoose';
import { createCounter } from '../../platform/db/counters.mongo.ts';
import { TooManyRequests, type Rate, type RateLimit } from '../../platform/http/rate-limit.ts';

const WINDOW_SECONDS = 60;
/** A process takes a hundredth of the quota at a time, at most so many. What it leaves unused at the end of the window is lost. */
const LARGEST_PORTION = 50;

/** Requests that this process may let through without asking. */
interface Portion {
  left: number;
  /** What other portions may still take. */
  remaining: number;
  /** When the window ends, by this process's own time since it started. */
  endsAt: number;
}

/**
 * Counted in MongoDB, so that all nodes together let through no more than the quota; in portions, because a write for each
 * request would cost more than most requests.
 */
export function createRateLimit(connection: Connection, requestsPerMinute: number): RateLimit {
  const counter = createCounter(connection, {
    collection: 'request_rates',
    prefix: 'service',
    limit: requestsPerMinute,
    windowSeconds: WINDOW_SECONDS,
  });
  const size = Math.max(1, Math.min(LARGEST_PORTION, Math.floor(requestsPerMinute / 100)));
  const portions = new Map<string, Portion>();
  /** Of requests that come at once, one takes a portion for all. */
  const taking = new Map<string, Promise<void>>();

  async function take(serviceId: string): Promise<void> {
    const { granted, remaining, secondsLeft } = await counter.count(serviceId, size);
    portions.set(serviceId, { left: granted, remaining, endsAt: performance.now() + secondsLeft * 1000 });
  }

  /** Counts a request. */
  async function count(serviceId: string): Promise<{ isRefused: boolean; portion: Portion }> {
    for (;;) {
      const portion = portions.get(serviceId);
      if (portion && portion.endsAt > performance.now()) {
        if (portion.left > 0) {
          portion.left -= 1;
          return { isRefused: false, portion };
        }
        // From memory: a service that is over the limit costs the database nothing.
        if (portion.remaining === 0) return { isRefused: true, portion };
      }
      const taken = taking.get(serviceId) ?? take(serviceId).finally(() => taking.delete(serviceId));
      taking.set(serviceId, taken);
      await taken;
    }
  }

  return async (serviceId) => {
    const { isRefused, portion } = await count(serviceId);
    const rate: Rate = {
      quota: requestsPerMinute,
      windowSeconds: WINDOW_SECONDS,
      remaining: portion.remaining + portion.left,
      resetSeconds: Math.ceil((portion.endsAt - performance.now()) / 1000),
    };
    if (isRefused) throw TooManyRequests({ retryAfter: Math.max(1, rate.resetSeconds), rate });
    return rate;
  };
}
