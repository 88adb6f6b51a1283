import type { Connection } from 'mongoose';
import { createCounter, type Count } from '../../platform/db/counters.mongo.ts';
import { TooManyRequests, type Rate, type RateLimit } from '../../platform/http/rate-limit.ts';

const WINDOW_SECONDS = 60;

/** Counted in MongoDB, so that every node sees the same number. */
export function createRateLimit(connection: Connection, requestsPerMinute: number): RateLimit {
  const counter = createCounter(connection, {
    collection: 'request_rates',
    prefix: 'service',
    limit: requestsPerMinute,
    windowSeconds: WINDOW_SECONDS,
  });
  /** When the windows of services end that are over the limit, by this process's own time since it started. */
  const exceeded = new Map<string, number>();

  return async (serviceId) => {
    const secondsLeft = ((exceeded.get(serviceId) ?? 0) - performance.now()) / 1000;
    // Refused from memory, a service that is over the limit costs the database nothing.
    if (secondsLeft > 0) throw refusal({ isExceeded: true, remaining: 0, secondsLeft }, requestsPerMinute);
    exceeded.delete(serviceId);
    const count = await counter.count(serviceId);
    if (!count.isExceeded) return toRate(count, requestsPerMinute);
    exceeded.set(serviceId, performance.now() + count.secondsLeft * 1000);
    throw refusal(count, requestsPerMinute);
  };
}

function refusal(count: Count, quota: number) {
  const rate = toRate(count, quota);
  return TooManyRequests({ retryAfter: Math.max(1, rate.resetSeconds), rate });
}

function toRate({ remaining, secondsLeft }: Count, quota: number): Rate {
  return { quota, windowSeconds: WINDOW_SECONDS, remaining, resetSeconds: Math.ceil(secondsLeft) };
}
