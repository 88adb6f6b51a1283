import type { JWK } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import type { SigningAlgorithm } from '../../../config/protocol-settings.ts';
import { defineError } from '../../platform/errors.ts';
import { inOrder, makeKey, type Key, type KeyStore, type KeyUse } from './key.ts';

const DAY_MS = 24 * 3600 * 1000;

export interface KeysOptions {
  store: KeyStore;
  now: Clock;
  /** What tokens are signed with; the default first. */
  algorithms: SigningAlgorithm[];
  rotationDays: number;
  overlapDays: number;
}

/** The keys as the provider takes them: what signs comes first. */
export interface KeySet {
  jwks: { keys: JWK[] };
  cookieKeys: string[];
  /** Never changes: with another one, applications would take every user for a new one. */
  pairwiseSalt: string;
  /** Changes when, and only when, the set does. */
  fingerprint: string;
}

export type Keys = ReturnType<typeof createKeys>;

export const AlgorithmNotInUse = defineError(
  'conflict',
  'algorithm_not_in_use',
  'COHORT_SIGNING_ALGORITHMS does not contain this algorithm.',
);

/** Signing and cookie keys: made at the first start, replaced by age and by command, never without an overlap. */
export function createKeys({ store, now, algorithms, rotationDays, overlapDays }: KeysOptions) {
  const rotated: KeyUse[] = [...algorithms, 'cookie'];

  /** Makes what is missing. Safe from several nodes at once: of each generation one key is kept. */
  async function ensure(): Promise<void> {
    const keys = await store.list();
    for (const use of [...rotated, 'pairwise'] as const) {
      const newest = findNewest(keys, use);
      // One that was retired belongs to an algorithm that the settings did not have for a while.
      if (!newest || newest.verifiesUntil) await store.insert(await makeKey(use, (newest?.generation ?? 0) + 1, now()));
    }
  }

  async function current(): Promise<KeySet> {
    const keys = await store.list();
    const signing = algorithms.flatMap((use) => inOrder(keys, use, now()));
    const verifying = keys.filter((key) => isRetired(key) && (!key.verifiesUntil || key.verifiesUntil > now()));
    const cookie = inOrder(keys, 'cookie', now());
    return {
      jwks: { keys: [...signing, ...verifying].map(({ secret }) => secret) },
      cookieKeys: cookie.map(({ secret }) => secret.k!),
      pairwiseSalt: newestOf(keys, 'pairwise').secret.k!,
      fingerprint: [...signing, ...verifying, ...cookie].map(({ id }) => id).join(' '),
    };
  }

  /**
   * By command: new keys sign from now on; the old ones verify until the overlap is over. Of all algorithms and of cookies,
   * or of one algorithm. Where a key cannot be made or kept, the old one goes on.
   * @throws AlgorithmNotInUse
   */
  async function rotate(only?: SigningAlgorithm): Promise<void> {
    if (only && !algorithms.includes(only)) throw AlgorithmNotInUse();
    const keys = await store.list();
    for (const use of only ? [only] : rotated) await replace(newestOf(keys, use), now());
  }

  /** By age: the successor is published one overlap before it signs. Also removes what verifies nothing any more. */
  async function rotateByAge(): Promise<void> {
    const keys = await store.list();
    for (const key of keys.filter(isRetired)) await store.setVerifiesUntil(key.id, overlapAfter(now()));
    for (const use of rotated) {
      const newest = newestOf(keys, use);
      await retireOlder(keys, newest);
      const signsFrom = new Date(newest.signsFrom.getTime() + rotationDays * DAY_MS);
      if (signsFrom.getTime() - overlapDays * DAY_MS <= now().getTime())
        await replace(newest, signsFrom > now() ? signsFrom : now());
    }
    await store.removeExpired(now());
  }

  async function replace(old: Key, signsFrom: Date): Promise<void> {
    const outcome = await store.insert(await makeKey(old.use, old.generation + 1, signsFrom));
    if (outcome === 'duplicate') return;
    await store.setVerifiesUntil(old.id, overlapAfter(signsFrom));
  }

  // For a node that died between making a key and retiring the one before it.
  async function retireOlder(keys: Key[], newest: Key): Promise<void> {
    const forgotten = keys.filter(
      (key) => key.use === newest.use && key.generation < newest.generation && !key.verifiesUntil,
    );
    for (const { id } of forgotten) await store.setVerifiesUntil(id, overlapAfter(newest.signsFrom));
  }

  /** Of an algorithm that the settings no longer have: it signs nothing, and what it has signed is still verified. */
  const isRetired = ({ use }: Key) => use !== 'pairwise' && !rotated.includes(use);

  const overlapAfter = (time: Date) => new Date(time.getTime() + overlapDays * DAY_MS);

  function newestOf(keys: Key[], use: KeyUse): Key {
    const newest = findNewest(keys, use);
    if (!newest) throw new Error(`There is no key for ${use}. Call ensure() first.`);
    return newest;
  }

  /** Those that sign. */
  async function list(): Promise<Key[]> {
    return (await store.list()).filter(({ use }) => use !== 'pairwise');
  }

  return {
    list,
    ensure,
    current,
    rotate,
    rotateByAge,
    reencrypt: store.reencrypt,
    watch: store.watch,
  };
}

function findNewest(keys: Key[], use: KeyUse): Key | undefined {
  return keys.filter((key) => key.use === use).sort((a, b) => b.generation - a.generation)[0];
}
