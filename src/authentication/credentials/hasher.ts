import argon2 from '@node-rs/argon2';
import { createHeavyWork, Overloaded, RETRY_SECONDS } from '../../platform/heavy-work.ts';
import type { Semaphore } from '../../platform/semaphore.ts';
import { verifyHash } from './foreign-hashes.ts';
import { normalizePassword } from './password.ts';

/** The last of so many has waited some seconds when its turn comes, and more would wait for longer than people do. */
const MOST_INSIDE = 150;

export interface HasherOptions {
  /** KiB of one hash. */
  memoryCost: number;
  timeCost: number;
  /** In which hashes take turns; their own unless told otherwise. */
  inTurn?: Semaphore;
}

/** How a password was hashed that matches: in NFC, or as another product took it from the keyboard. */
export type Match = 'normalized' | 'as_typed';

export interface Hasher {
  /**
   * Verifies a password, with all that belongs to it, if not too many do. A place is taken at the beginning: of many that come at
   * once, all are still busy with something else before the first of them waits for a hash. @throws Overloaded
   */
  inRoom<T>(verify: () => Promise<T>): Promise<T>;
  /** Of the password in NFC. */
  hash(password: string): Promise<string>;
  /**
   * Also of a hash that was imported, by its own algorithm. Undefined for what is no hash at all. How many evaluations it takes
   * depends on the password alone: one, or two when it was typed in another form than NFC.
   */
  match(hash: string, password: string): Promise<Match | undefined>;
  verify(hash: string, password: string): Promise<boolean>;
  /** True when the hash was made by another algorithm or with other parameters than the present ones. */
  isStale(hash: string): boolean;
}

/**
 * argon2id (RFC 9106). Hashing shares libuv's four threads with file reads and name look-ups: sixteen hashes at once made
 * a file read wait a second, so a few of them run and the others queue.
 */
export function createHasher({ memoryCost, timeCost, inTurn = createHeavyWork() }: HasherOptions): Hasher {
  const options = { memoryCost, timeCost, parallelism: 1 };
  const beginning = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=1$`;
  let inside = 0;

  async function match(hash: string, password: string): Promise<Match | undefined> {
    const normalized = normalizePassword(password);
    const isNormalized = await inTurn(() => verifyHash(hash, normalized));
    if (normalized === password) return isNormalized ? 'normalized' : undefined;
    // Evaluated in any case, so that the time tells nothing.
    const isAsTyped = await inTurn(() => verifyHash(hash, password));
    if (isNormalized) return 'normalized';
    return isAsTyped ? 'as_typed' : undefined;
  }

  return {
    async inRoom(verify) {
      // New passwords wait in the same queue.
      if (Math.max(inside, inTurn.waiting()) >= MOST_INSIDE) throw Overloaded({ retryAfter: RETRY_SECONDS });
      inside += 1;
      try {
        return await verify();
      } finally {
        inside -= 1;
      }
    },
    hash: (password) => inTurn(() => argon2.hash(normalizePassword(password), options)),
    match,
    verify: async (hash, password) => (await match(hash, password)) !== undefined,
    isStale: (present) => !present.startsWith(beginning),
  };
}
