import type { Work } from '../load.ts';
import type { Feature, Site } from '../products/product.ts';

/** Who does an operation: one worker, with a user of its own. */
export interface Worker extends Site {
  username: string;
}

/** Something that applications and people ask of a server all day. */
export interface Operation {
  name: string;
  /** What is sent, in a few words. */
  about: string;
  /** Left out where the product does not have it. */
  needs?: Feature;
  /** Makes what a worker needs, which is not counted, and returns what it then does again and again. */
  begin(worker: Worker): Promise<Work>;
}
