import type { Context } from 'koa';
import { defineError } from '../errors.ts';

export const TooManyRequests = defineError('limited', 'too_many_requests', 'This service has exceeded its rate limit.');

/** What is left of a quota. */
export interface Rate {
  /** Requests in a window. */
  quota: number;
  windowSeconds: number;
  remaining: number;
  /** Seconds until the window is over. */
  resetSeconds: number;
}

/** Counts a request of a service, for all nodes together. @throws TooManyRequests with what is left of the window. */
export type RateLimit = (serviceId: string) => Promise<Rate>;

/** `RateLimit-Policy` and `RateLimit` as in draft-ietf-httpapi-ratelimit-headers-10. */
export function showRate(ctx: Context, { quota, windowSeconds, remaining, resetSeconds }: Rate): void {
  ctx.set('RateLimit-Policy', `"service";q=${quota};w=${windowSeconds}`);
  ctx.set('RateLimit', `"service";r=${remaining};t=${resetSeconds}`);
}
