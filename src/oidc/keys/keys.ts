import type { JWK } from 'jose';
import type { Clock } from '../../platform/clock.ts';
import { inOrder, makeKey, SIGNING_ALGORITHMS, type Key, type KeyStore, type KeyUse } from './key.ts';

const DAY_MS = 24 * 3600 * 1000;
const USES: KeyUse[] = [...SIGNING_ALGORITHMS, 'cookie'];

export interface KeysOptions {
  store: KeyStore;
  now: Clock;
  rotationDays: number;
  overlapDays: number;
}

/** The keys as the provider takes them: what signs comes first. */
export interface KeySet {
  jwks: { keys: JWK[] };
  cookieKeys: string[];
  /** Changes when, and only when, the set does. */
  fingerprint: string;
}

export type Keys = ReturnType<typeof createKeys>;

/** Signing and cookie keys: made at the first start, replaced by age and by command, never without an overlap. */
export function createKeys({ store, now, rotationDays, overlapDays }: KeysOptions) {
  /** Makes what is missing. Safe from several nodes at once: of each generation one key is kept. */
  async function ensure(): Promise<void> {
    const keys = await store.list();
    for (const use of USES) {
      if (!keys.some((key) => key.use === use)) await store.insert(await makeKey(use, 1, now()));
    }
  }

  async function current(): Promise<KeySet> {
    const keys = await store.list();
    const signing = SIGNING_ALGORITHMS.flatMap((use) => inOrder(keys, use, now()));
    const cookie = inOrder(keys, 'cookie', now());
    return {
      jwks: { keys: signing.map(({ secret }) => secret) },
      cookieKeys: cookie.map(({ secret }) => secret.k!),
      fingerprint: [...signing, ...cookie].map(({ id }) => id).join(' '),
    };
  }

  /** By command: new keys sign from now on; the old ones verify until the overlap is over. */
  async function rotate(): Promise<void> {
    const keys = await store.list();
    for (const use of USES) await replace(newestOf(keys, use), now());
  }

  /** By age: the successor is published one overlap before it signs. Also removes what verifies nothing any more. */
  async function rotateByAge(): Promise<void> {
    const keys = await store.list();
    for (const use of USES) {
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

  const overlapAfter = (time: Date) => new Date(time.getTime() + overlapDays * DAY_MS);

  function newestOf(keys: Key[], use: KeyUse): Key {
    const [newest] = keys.filter((key) => key.use === use).sort((a, b) => b.generation - a.generation);
    if (!newest) throw new Error(`There is no key for ${use}. Call ensure() first.`);
    return newest;
  }

  return {
    list: store.list,
    ensure,
    current,
    rotate,
    rotateByAge,
    reseal: store.reseal,
    watch: store.watch,
    stop: store.stop,
  };
}
