import { availableParallelism } from 'node:os';
import argon2 from 'argon2';
import { createSemaphore } from '../../platform/semaphore.ts';
import { verifyHash } from './foreign-hashes.ts';

export interface HasherOptions {
  /** KiB of one hash. */
  memoryCost: number;
  timeCost: number;
}

export interface Hasher {
  hash(password: string): Promise<string>;
  /** Also of a hash that was imported, by its own algorithm. False for what is no hash at all. */
  verify(hash: string, password: string): Promise<boolean>;
  /** True when the hash was made by another algorithm or with other parameters than the present ones. */
  isStale(hash: string): boolean;
}

/**
 * argon2id (RFC 9106). Hashing shares libuv's four threads with file reads and name look-ups: sixteen hashes at once made
 * a file read wait a second, so a few of them run and the others queue.
 */
export function createHasher({ memoryCost, timeCost }: HasherOptions): Hasher {
  const options = { type: argon2.argon2id, memoryCost, timeCost, parallelism: 1 } as const;
  const inTurn = createSemaphore(Math.min(3, availableParallelism()));
  return {
    hash: (password) => inTurn(() => argon2.hash(password, options)),
    verify: (hash, password) => inTurn(() => verifyHash(hash, password)),
    isStale: (hash) => !hash.startsWith('$argon2id$v=') || argon2.needsRehash(hash, options),
  };
}
