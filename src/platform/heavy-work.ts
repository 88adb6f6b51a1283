import { availableParallelism } from 'node:os';
import { defineError } from './errors.ts';
import { createSemaphore } from './semaphore.ts';

/** One processor is left for all else, and one of the four threads that libuv has for file reads and name look-ups too. */
export const HEAVY_AT_ONCE = Math.max(1, Math.min(3, availableParallelism() - 1));

/** Runs in turn what keeps a processor busy for milliseconds, such as hashing a password. */
export const createHeavyWork = () => createSemaphore(HEAVY_AT_ONCE);

/** After so long, users may try again who were refused because too many others wait. */
export const RETRY_SECONDS = 5;

export const Overloaded = defineError(
  'unavailable',
  'overloaded',
  'Too many users are signing in at the moment. Try again soon.',
);
