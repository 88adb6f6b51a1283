/** The present; passed in so that tests can choose it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** Whole Unix seconds, the form of every time that leaves the building as JSON. */
export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
