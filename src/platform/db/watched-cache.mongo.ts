import type { Model } from 'mongoose';
import { restOn } from '../basis.ts';
import { changesOf } from './change-feed.mongo.ts';
import { isInTransaction } from './transactions.mongo.ts';

/** The most that a cache holds, in weights; a small document weighs 1. */
const MAX_WEIGHT = 20_000;

/** Keeps small documents of a collection in the process, and forgets each as soon as any node changes it. */
export interface WatchedCache<T> {
  /** The things with these ids, in no particular order; those that do not exist are left out. */
  getMany(ids: string[]): Promise<T[]>;
  get(id: string): Promise<T | undefined>;
  /** The thing as it is now, whatever is known of it. */
  getAfresh(id: string): Promise<T | undefined>;
  /** The thing that is kept under this id and passes the test; else what `load` finds, which is kept. */
  getBy(
    id: string | undefined,
    isIt: (thing: T) => boolean,
    load: () => Promise<T | undefined>,
  ): Promise<T | undefined>;
  /** Forgets one at once; for the node that changes it and must not wait for the news of its own change. */
  forget(id: string): void;
  forgetAll(): void;
  /** Counts up whenever something that was kept may no longer be right. */
  version(): number;
}

/** As much of a model as a cache needs. */
type CachedModel = Pick<Model<unknown>, 'collection' | 'db'>;

export interface WatchedCacheOptions<T> {
  /** Of what the cache holds, whatever its documents are made into. */
  model: CachedModel;
  load(ids: string[]): Promise<T[]>;
  idOf(thing: T): string;
  /** For things that may be large. */
  weightOf?(thing: T): number;
  /** Remembers that something does not exist, too. */
  absence?: boolean;
}

/** Something that exists, or is known not to. */
interface Entry<T> {
  thing: T | undefined;
  weight: number;
}

/**
 * A cache over a collection that the change feed keeps right. It counts only while the feed is known to miss nothing, and
 * never inside a transaction, which must see what it has written itself; otherwise every read goes to the database.
 */
export function createWatchedCache<T>(options: WatchedCacheOptions<T>): WatchedCache<T> {
  const { model, load, idOf, weightOf = () => 1, absence = false } = options;
  const feed = changesOf(model.db);
  const entries = new Map<string, Entry<T>>();
  /** Of each read under way, what was changed since it began: it may have read the state before, so it is not kept. */
  const reads = new Set<Set<string>>();
  const EVERYTHING = '';
  let weight = 0;
  let version = 0;

  function drop(id: string): void {
    weight -= entries.get(id)?.weight ?? 0;
    entries.delete(id);
  }

  function forget(id: string): void {
    version += 1;
    for (const changed of reads) changed.add(id);
    drop(id);
  }

  function forgetAll(): void {
    version += 1;
    for (const changed of reads) changed.add(EVERYTHING);
    entries.clear();
    weight = 0;
  }

  feed.follow(model.collection.name, {
    inserts: absence,
    onChange: forget,
    onGap: forgetAll,
  });

  const counts = () => !isInTransaction() && feed.isCurrent();

  function remember(id: string, thing: T | undefined): void {
    drop(id);
    const entry = { thing, weight: thing ? weightOf(thing) : 1 };
    if (entry.weight > MAX_WEIGHT / 2) return;
    entries.set(id, entry);
    weight += entry.weight;
    while (weight > MAX_WEIGHT) drop(entries.keys().next().value!);
  }

  /**
   * Reads, and keeps what was not changed in the meantime: the feed must have been followed from before the read on. A feed that
   * lags may count again before it tells of what was read here, so what was kept is not gone back to.
   */
  async function read(ids: string[], load: () => Promise<T[]>): Promise<T[]> {
    const isFollowed = feed.isCurrent();
    const changed = new Set<string>();
    reads.add(changed);
    try {
      const found = await load();
      if (isInTransaction()) return found;
      if (!isFollowed || !feed.isCurrent()) {
        [...ids, ...found.map(idOf)].forEach(forget);
        return found;
      }
      if (changed.has(EVERYTHING)) return found;
      for (const thing of found) if (!changed.has(idOf(thing))) remember(idOf(thing), thing);
      if (absence) {
        const present = new Set(found.map(idOf));
        for (const id of ids) if (!present.has(id) && !changed.has(id)) remember(id, undefined);
      }
      return found;
    } finally {
      reads.delete(changed);
    }
  }

  /** What memory holds under this id; undefined when it does not know. */
  function recall(id: string): Entry<T> | undefined {
    const entry = entries.get(id);
    if (entry) restOn(() => entries.get(id) === entry && counts());
    return entry;
  }

  async function getMany(ids: string[]): Promise<T[]> {
    if (!counts()) return read(ids, () => load(ids));
    const known = ids.flatMap((id) => recall(id)?.thing ?? []);
    const missing = ids.filter((id) => !entries.has(id));
    if (missing.length === 0) return known;
    return [...known, ...(await read(missing, () => load(missing)))];
  }

  /** As nearly always, of something that memory has: without a list, and without waiting. */
  function get(id: string): Promise<T | undefined> {
    const entry = counts() ? recall(id) : undefined;
    return entry ? Promise.resolve(entry.thing) : getMany([id]).then(([thing]) => thing);
  }

  return {
    getMany,
    get,
    async getAfresh(id) {
      forget(id);
      return (await read([id], () => load([id])))[0];
    },
    async getBy(id, isIt, loadIt) {
      const kept = id !== undefined && counts() ? recall(id)?.thing : undefined;
      if (kept && isIt(kept)) return kept;
      if (id !== undefined) forget(id);
      const [found] = await read([], async () => {
        const loaded = await loadIt();
        return loaded ? [loaded] : [];
      });
      return found;
    },
    forget,
    forgetAll,
    version: () => version,
  };
}

/** A cache of documents as they are stored. */
export const createDocumentCache = <D extends { _id: string }>(
  model: CachedModel,
  { absence = false }: Pick<WatchedCacheOptions<D>, 'absence'> = {},
): WatchedCache<D> =>
  createWatchedCache<D>({
    model,
    // A cast, because the driver's type of an id is its own.
    load: (ids) => model.collection.find({ _id: { $in: ids } } as object).toArray() as unknown as Promise<D[]>,
    idOf: ({ _id }) => _id,
    absence,
  });
