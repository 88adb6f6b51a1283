import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { monotonicMs, type Change, type ChangeRelay, type ChangeSource } from './change-source.ts';
import { declareMarks } from './change-stream.mongo.ts';
import { onNewPrimary } from './primary.mongo.ts';

/** What is remembered counts for this long after the feed last proved that it misses nothing. */
export const CURRENT_MS = 1000;

const START_WAIT_MS = 2000;
const START_ASK_MS = 25;

/** Told of the documents of one collection. */
export interface Follower {
  /** The document with this id was changed or removed; also inserted, for those who asked. */
  onChange(id: string): void;
  /** Anything may have changed. */
  onGap(): void;
  /** To be told of new documents too. */
  inserts?: boolean;
}

export interface FeedOptions {
  source: ChangeSource;
  /** Told of everything too. */
  relay?: ChangeRelay | undefined;
}

/**
 * Tells the process what any node changes in the collections that it follows. One change stream for all of them, because
 * each costs the database something at every write.
 */
export interface ChangeFeed {
  /** Before `start`. */
  follow(collection: string, follower: Follower): void;
  /** True while the followers have been told of everything that was acknowledged more than a second ago. */
  isCurrent(): boolean;
  /** Tells the followers in this process at once, for the node that makes a change; without ids, of a change to anything. */
  tell(collection: string, ids?: string[]): void;
  start(options: FeedOptions): Promise<void>;
  stop(): Promise<void>;
}

const feeds = new WeakMap<Connection, ChangeFeed>();

/** The one feed of a connection. */
export function changesOf(connection: Connection): ChangeFeed {
  const feed = feeds.get(connection) ?? createChangeFeed(connection);
  feeds.set(connection, feed);
  return feed;
}

function createChangeFeed(connection: Connection): ChangeFeed {
  declareMarks(connection);
  const followers = new Map<string, Follower[]>();
  let source: ChangeSource | undefined;
  let relay: ChangeRelay | undefined;
  let endRelay: (() => void) | undefined;
  let provenAt = -Infinity;
  let gapAt = -Infinity;
  let leavePrimary: (() => void) | undefined;

  function isCurrent(): boolean {
    if (!source) return false;
    source.ask();
    return monotonicMs() - provenAt < CURRENT_MS;
  }

  function onChange(change: Change): void {
    const { collection, id, isInsert } = change;
    for (const follower of followers.get(collection) ?? []) if (!isInsert || follower.inserts) follower.onChange(id);
    relay?.onChange(change);
  }

  function onGap(): void {
    provenAt = -Infinity;
    gapAt = monotonicMs();
    for (const follower of [...followers.values()].flat()) follower.onGap();
    relay?.onGap();
  }

  function onProof(at: number): void {
    if (at > gapAt) provenAt = Math.max(provenAt, at);
    relay?.onProof(at);
  }

  return {
    follow(collection, follower) {
      if (source) throw new Error(`The change feed is open already, and cannot follow ${collection}.`);
      followers.set(collection, [...(followers.get(collection) ?? []), follower]);
    },
    isCurrent,
    tell(collection, ids) {
      for (const follower of followers.get(collection) ?? [])
        if (ids) ids.forEach((id) => follower.onChange(id));
        else follower.onGap();
    },
    async start({ source: opened, relay: told }) {
      if (source || followers.size === 0) return;
      const collections = [...followers.keys()];
      const withInserts = collections.filter((name) => followers.get(name)!.some(({ inserts }) => inserts));
      leavePrimary = onNewPrimary(connection.getClient(), onGap);
      relay = told;
      source = opened;
      endRelay = relay?.relayFrom(opened.ask);
      source.open({ collections, withInserts }, { onChange, onGap, onProof });
      // The server takes some time to open a stream, and what was asked before proves nothing.
      const deadline = performance.now() + START_WAIT_MS;
      while (!isCurrent() && performance.now() < deadline) await pause(START_ASK_MS);
    },
    async stop() {
      leavePrimary?.();
      endRelay?.();
      const opened = source;
      source = undefined;
      await opened?.close();
    },
  };
}
