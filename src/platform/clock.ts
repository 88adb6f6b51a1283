/** The present; passed in so that tests can choose it. */
export type Clock = () => Date;

export const systemClock: Clock = () => new Date();

/** Whole Unix seconds, the form of every time in the JSON of the API. */
export function unixSeconds(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}
