import type { Connection } from 'mongoose';

export interface DeferredWritesOptions<T> {
  /** How long a write waits at most. */
  withinMs: number;
  /** Writes all that has come together; what it fails to write is dropped. */
  write(entries: Map<string, T>): Promise<unknown>;
  /** What two values of a key come to; the later one without it. */
  merge?(earlier: T, later: T): T;
}

/** Values that wait to be written together. Only for what harms nobody if a crash loses it. */
export interface DeferredWrites<T> {
  put(key: string, value: T): void;
  has(key: string): boolean;
  /** Takes the value of a key out again, for who writes that document anyway. */
  take(key: string): T | undefined;
  /** Takes out what passes the test. */
  drop(test: (value: T) => boolean): void;
}

const flushes = new WeakMap<Connection, Set<() => Promise<void>>>();

/** Small writes that nobody waits for: one command in place of one for each, and the latest of several to one document. */
export function createDeferredWrites<T>(connection: Connection, options: DeferredWritesOptions<T>): DeferredWrites<T> {
  const { withinMs, write, merge = (_earlier, later) => later } = options;
  let waiting = new Map<string, T>();
  let timer: NodeJS.Timeout | undefined;
  let writing = Promise.resolve();

  function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const entries = waiting;
    waiting = new Map();
    if (entries.size > 0) writing = writing.then(() => write(entries)).then(noResult, noResult);
    return writing;
  }

  const known = flushes.get(connection) ?? new Set();
  flushes.set(connection, known.add(flush));

  return {
    put(key, value) {
      const earlier = waiting.get(key);
      waiting.set(key, earlier === undefined ? value : merge(earlier, value));
      timer ??= setTimeout(() => void flush(), withinMs).unref();
    },
    has: (key) => waiting.has(key),
    take(key) {
      const value = waiting.get(key);
      waiting.delete(key);
      return value;
    },
    drop(test) {
      for (const [key, value] of waiting) if (test(value)) waiting.delete(key);
    },
  };
}

/** Writes what waits, and resolves when nothing does. */
export async function writeDeferred(connection: Connection): Promise<void> {
  await Promise.all([...(flushes.get(connection) ?? [])].map((flush) => flush()));
}

const noResult = () => {};
