import { setTimeout as pause } from 'node:timers/promises';
import type { Collection, Connection } from 'mongoose';
import type { Log } from '../http/log.ts';

const MAX_ENTRIES = 20_000;
const RETRY_MS = 1000;
const START_WAIT_MS = 2000;

/** Keeps small documents of a collection in the process, and forgets each as soon as any node changes it. */
export interface WatchedCache<T> {
  /** The things with these ids, in no particular order; those that do not exist are left out. */
  getMany(ids: string[]): Promise<T[]>;
  get(id: string): Promise<T | undefined>;
  /** Forgets one at once; for the node that changes it and must not wait for the news of its own change. */
  forget(id: string): void;
  /** Begins to listen; until then, and whenever the stream is down, every read goes to the database. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Called after each change, here or elsewhere, and after a time in which changes may have been missed. */
  onChange(listener: () => void): void;
}

export interface WatchedCacheOptions<T> {
  collection: Collection;
  load(ids: string[]): Promise<T[]>;
  idOf(thing: T): string;
  log: Log;
}

/** A cache over `collection` that a change stream keeps right. */
export function createWatchedCache<T>({ collection, load, idOf, log }: WatchedCacheOptions<T>): WatchedCache<T> {
  const entries = new Map<string, T>();
  const listeners: (() => void)[] = [];
  let generation = 0;
  let live = false;
  let stopped = false;
  let stream: ReturnType<Connection['watch']> | undefined;
  let retry: NodeJS.Timeout | undefined;

  function forget(id: string): void {
    generation += 1;
    entries.delete(id);
  }

  function forgetAll(): void {
    generation += 1;
    entries.clear();
  }

  async function getMany(ids: string[]): Promise<T[]> {
    const known = ids.flatMap((id) => entries.get(id) ?? []);
    const missing = live ? ids.filter((id) => !entries.has(id)) : ids;
    if (missing.length === 0) return known;
    const before = generation;
    const loaded = await load(missing);
    // Something changed while we read: what was read may be the state before it, so it is used once and not kept.
    if (live && before === generation) for (const thing of loaded) remember(thing);
    return live ? [...known, ...loaded] : loaded;
  }

  function remember(thing: T): void {
    if (entries.size >= MAX_ENTRIES) entries.delete(entries.keys().next().value!);
    entries.set(idOf(thing), thing);
  }

  async function start(): Promise<void> {
    if (stopped) return;
    const opened = collection.watch([], { fullDocument: 'default' });
    stream = opened;
    opened.on('change', (change) => {
      if (!('documentKey' in change)) return forgetAll();
      const id = String(change.documentKey._id);
      forget(id);
      for (const listener of listeners) listener();
    });
    opened.on('error', (error) => restart(error));
    opened.on('close', () => restart(undefined));
    // The server only says this when the stream is open; from then on no change can be missed, and not a moment sooner.
    const stands = new Promise<void>((resolve) => {
      opened.once('resumeTokenChanged', () => {
        if (stream === (opened as unknown) && !stopped) goLive();
        resolve();
      });
    });
    await Promise.race([stands, pause(START_WAIT_MS, undefined, { ref: false })]);
  }

  // What changed while nobody listened is not known, so everything may have.
  function goLive(): void {
    forgetAll();
    live = true;
    for (const listener of listeners) listener();
  }

  function restart(error: unknown): void {
    if (stopped || retry) return;
    live = false;
    forgetAll();
    void stream?.close().catch(() => {});
    if (error)
      log.warn(
        { err: error, collection: collection.name },
        'lost a change stream, reading from the database until it is restored',
      );
    retry = setTimeout(() => {
      retry = undefined;
      start().catch((cause: unknown) => restart(cause));
    }, RETRY_MS).unref();
  }

  async function stop(): Promise<void> {
    stopped = true;
    clearTimeout(retry);
    await stream?.close();
  }

  return {
    getMany,
    get: async (id) => (await getMany([id]))[0],
    forget,
    start,
    stop,
    onChange: (listener) => void listeners.push(listener),
  };
}
