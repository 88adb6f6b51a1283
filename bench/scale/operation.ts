import type { Work } from '../load.ts';
import type { Site } from '../products/product.ts';
import type { Shape } from '../population/shape.ts';
import type { Api } from '../api.ts';
import type { Draws } from './draws.ts';

/** One of the two databases with its Cohort, as an operation sees it. */
export interface Place extends Site {
  api: Api;
  shape: Shape;
  draws: Draws;
}

/** Something that is asked of both, each time about something else. */
export interface ScaleOperation {
  name: string;
  /** What is sent, in a few words. */
  about: string;
  /** What is not alike in the two databases by nature. */
  differs?: string;
  /** Makes what the operation needs, which is not counted, and returns what is then done again and again. */
  begin(place: Place): Promise<Work>;
}

/** One in which nothing has to be made beforehand. */
export function operation(
  name: string,
  about: string,
  work: (place: Place) => Promise<unknown>,
  differs?: string,
): ScaleOperation {
  return {
    name,
    about,
    ...(differs ? { differs } : {}),
    begin: async (place) => async () => void (await work(place)),
  };
}
