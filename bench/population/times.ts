import type { Random } from './random.ts';

/** Everything that is made up happened between these; fixed, so that it is the same whenever it is made. */
export const THE_BEGINNING = new Date('2018-03-01T00:00:00Z');
export const THE_END = new Date('2026-11-01T00:00:00Z');

export function timeBetween(random: Random, from: Date, to: Date): Date {
  return new Date(from.getTime() + Math.floor(random() * (to.getTime() - from.getTime())));
}
