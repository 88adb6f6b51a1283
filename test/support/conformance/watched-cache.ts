import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import type { WatchedCache } from '../../../src/platform/db/watched-cache.mongo.ts';
import { createChangeStream } from '../../../src/platform/db/change-stream.mongo.ts';
import { changesOf, CURRENT_MS, type ChangeFeed } from '../../../src/platform/db/change-feed.mongo.ts';
import { monotonicMs, type ChangeListener } from '../../../src/platform/db/change-source.ts';
import { createLog } from '../../../src/platform/http/log.ts';
import { openStore, type OpenStore } from '../database.ts';
import { until } from '../process.ts';

/** A cache with the store that writes what it reads. */
export interface CachedStore<T> {
  cache: WatchedCache<T>;
  insert(thing: T): Promise<unknown>;
  remove(id: string): Promise<unknown>;
  rename(id: string, name: string): Promise<unknown>;
}

export interface CacheConformance<T> {
  open(connection: Connection): CachedStore<T>;
  make(number: number): T;
}

/** Declares the tests that every cache passes: what it gives out is never older than the news of a change. */
export function describeWatchedCache<T extends { id: string; name: string }>({
  open,
  make,
}: CacheConformance<T>): void {
  let here: OpenStore<CachedStore<T>>;
  let elsewhere: OpenStore<CachedStore<T>>;
  let feed: ChangeFeed;
  let cache: WatchedCache<T>;
  const first = make(1);
  const second = make(2);

  beforeEach(async () => {
    here = await openStore(open);
    elsewhere = await here.openAgain();
    ({ cache } = here.store);
    await here.store.insert(first);
    feed = changesOf(here.database.connection);
    await feed.start({ source: createChangeStream(here.database, createLog('silent')) });
  });
  afterEach(async () => {
    await feed.stop();
    await elsewhere.database.close();
    await here.close();
  });

  const isInMemory = async () => (await cache.get(first.id)) === (await cache.get(first.id));

  it('gives out what is stored, and leaves out what is not', async () => {
    await here.store.insert(second);
    const found = await cache.getMany([second.id, make(3).id, first.id]);
    expect(found.sort((a, b) => (a.id < b.id ? -1 : 1))).toEqual([first, second]);
    expect(await cache.get(make(3).id)).toBeUndefined();
  });

  it('reads from memory while it listens, and from the database before', async () => {
    expect(await isInMemory()).toBe(true);
    const { cache: silent } = elsewhere.store;
    expect((await silent.get(first.id)) === (await silent.get(first.id))).toBe(false);
  });

  it('sees a change on another node', async () => {
    await cache.get(first.id);
    await elsewhere.store.rename(first.id, 'Navigators');
    await until(async () => (await cache.get(first.id))?.name === 'Navigators');
  });

  it('sees that something was removed or inserted on another node', async () => {
    await cache.getMany([first.id, second.id]);
    await elsewhere.store.insert(second);
    await elsewhere.store.remove(first.id);
    await until(async () => (await cache.get(first.id)) === undefined);
    expect(await cache.get(second.id)).toEqual(second);
  });

  it('forgets at once what its own node changes', async () => {
    await cache.get(first.id);
    await here.store.rename(first.id, 'Navigators');
    cache.forget(first.id);
    expect(await cache.get(first.id)).toMatchObject({ name: 'Navigators' });
  });

  it('does not go back to what it had, when proofs come late and news later, after it has read something newer', async () => {
    let listener!: ChangeListener;
    const source = {
      open: (_interest: unknown, told: ChangeListener) => void (listener = told),
      ask() {},
      close: async () => {},
    };
    await feed.stop();
    const started = feed.start({ source });
    listener.onProof(monotonicMs());
    await started;
    expect(await isInMemory()).toBe(true);
    await pause(CURRENT_MS - 100);
    const late = monotonicMs();
    await pause(150);
    expect(feed.isCurrent()).toBe(false);
    await elsewhere.store.rename(first.id, 'Navigators');
    expect((await cache.get(first.id))?.name).toBe('Navigators');
    listener.onProof(late);
    expect(feed.isCurrent()).toBe(true);
    expect((await cache.get(first.id))?.name).toBe('Navigators');
  });
}
