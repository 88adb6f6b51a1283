const RACERS = 50;

/** Lets fifty do the same at once, and returns what came of each. */
export const race = <T>(task: (racer: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: RACERS }, (_, racer) => task(racer)));

/** How many outcomes there were of each kind. */
export function tally(outcomes: (string | boolean | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) counts[String(outcome)] = (counts[String(outcome)] ?? 0) + 1;
  return counts;
}
