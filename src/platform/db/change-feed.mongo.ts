import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { Log } from '../http/log.ts';
import { modelOf } from './model.mongo.ts';

/** What is remembered counts for this long after the feed last proved that it misses nothing. */
export const CURRENT_MS = 1000;

/** A mark is sent this often while anybody asks. */
const MARK_MS = 250;
/** Nobody asked for so long: no marks are sent, and the next who asks reads from the database. */
const IDLE_MS = 3000;
const RETRY_MS = 1000;
const START_WAIT_MS = 2000;
const START_MARK_MS = 25;

/** Told of the documents of one collection. */
export interface Follower {
  /** The document with this id was changed or removed; also inserted, for those who asked. */
  onChange(id: string): void;
  /** Anything may have changed. */
  onGap(): void;
  /** To be told of new documents too. */
  inserts?: boolean;
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
  start(log: Log): Promise<void>;
  stop(): Promise<void>;
}

interface Mark {
  _id: string;
  number: number;
  at: Date;
}

/** Marks of processes that ended without a word go after a day. */
const marks = new Schema<Mark>(
  { _id: String, number: Number, at: Date },
  { collection: 'change_feed_marks', versionKey: false },
);
marks.index({ at: 1 }, { expireAfterSeconds: 24 * 3600 });

const feeds = new WeakMap<Connection, ChangeFeed>();

/** The one feed of a connection. */
export function changesOf(connection: Connection): ChangeFeed {
  const feed = feeds.get(connection) ?? createChangeFeed(connection);
  feeds.set(connection, feed);
  return feed;
}

/**
 * That the stream is open says little: a server that is cut off or frozen is silent too. So the feed writes a mark and
 * waits for it to come out of the stream. The stream has the order of the writes, so when the mark sent at a moment
 * arrives, everything acknowledged before that moment has arrived as well; no clock but this process's own is read.
 */
function createChangeFeed(connection: Connection): ChangeFeed {
  const Marks = modelOf(connection, 'ChangeFeedMark', marks);
  const own = randomUUID();
  const followers = new Map<string, Follower[]>();
  const sentAt = new Map<number, number>();
  let number = 0;
  let provenAt = -Infinity;
  let askedAt = -Infinity;
  let marking: NodeJS.Timeout | undefined;
  let stream: ReturnType<Connection['watch']> | undefined;
  let retry: NodeJS.Timeout | undefined;
  let log: Log | undefined;
  let primary: string | undefined;

  function isCurrent(): boolean {
    if (!stream) return false;
    askedAt = performance.now();
    marking ??= setInterval(mark, MARK_MS).unref();
    const isProven = askedAt - provenAt < CURRENT_MS;
    if (!isProven && sentAt.size === 0) mark();
    return isProven;
  }

  function mark(): void {
    const now = performance.now();
    if (now - askedAt > IDLE_MS) {
      clearInterval(marking);
      marking = undefined;
      return;
    }
    number += 1;
    sentAt.set(number, now);
    for (const [earlier, at] of sentAt) if (now - at > 2 * CURRENT_MS) sentAt.delete(earlier);
    const change = { $set: { number }, $currentDate: { at: true } } as object;
    // One that fails proves nothing, which is all there is to it.
    Marks.collection
      .updateOne({ _id: own } as object, change, { upsert: true, writeConcern: { w: 1 } })
      .catch(() => {});
  }

  function onMark(arrived: number): void {
    const at = sentAt.get(arrived);
    if (at === undefined) return;
    provenAt = Math.max(provenAt, at);
    for (const earlier of sentAt.keys()) if (earlier <= arrived) sentAt.delete(earlier);
  }

  const all = () => [...followers.values()].flat();

  function gap(): void {
    provenAt = -Infinity;
    sentAt.clear();
    for (const follower of all()) follower.onGap();
  }

  function onEvent(change: mongo.ChangeStreamDocument): void {
    if (!('documentKey' in change)) return gap();
    const { coll } = change.ns;
    if (coll === Marks.collection.name) return onMark(numberOf(change));
    const isInsert = change.operationType === 'insert';
    // A cast, because all documents here have strings as ids.
    const id = change.documentKey._id as unknown as string;
    for (const follower of followers.get(coll) ?? []) if (!isInsert || follower.inserts) follower.onChange(id);
  }

  function open(): void {
    const opened = connection.watch(pipeline(), { fullDocument: 'default' });
    stream = opened;
    // What changed while nobody listened is not known, so everything may have.
    gap();
    opened.on('change', onEvent);
    opened.on('error', (error) => reopen(opened, error));
    opened.on('close', () => reopen(opened, undefined));
  }

  function pipeline(): mongo.BSON.Document[] {
    const names = [...followers.keys()];
    const withInserts = names.filter((name) => followers.get(name)!.some(({ inserts }) => inserts));
    const changes = { 'ns.coll': { $in: names }, operationType: { $ne: 'insert' } };
    const inserts = { 'ns.coll': { $in: withInserts }, operationType: 'insert' };
    const itsMarks = { 'ns.coll': Marks.collection.name, 'documentKey._id': own };
    const fields = {
      operationType: 1,
      ns: 1,
      documentKey: 1,
      'fullDocument.number': 1,
      'updateDescription.updatedFields.number': 1,
    };
    return [{ $match: { $or: [changes, inserts, itsMarks, { operationType: 'dropDatabase' }] } }, { $project: fields }];
  }

  function reopen(closed: unknown, error: unknown): void {
    if (stream !== closed || retry) return;
    gap();
    void stream?.close().catch(() => {});
    if (error) log?.warn({ err: error }, 'lost the change stream, reading from the database until it is restored');
    retry = setTimeout(() => {
      retry = undefined;
      open();
    }, RETRY_MS).unref();
  }

  /** What a new primary never had may be remembered here, although it came to nothing. */
  function onTopology({ newDescription: { servers } }: mongo.TopologyDescriptionChangedEvent): void {
    const found = [...servers.values()].find(({ type }) => type === 'RSPrimary');
    const present = found && `${found.address} ${String(found.electionId)}`;
    if (present === undefined || present === primary) return;
    if (primary !== undefined) gap();
    primary = present;
  }

  return {
    follow(collection, follower) {
      if (stream) throw new Error(`The change feed is open already, and cannot follow ${collection}.`);
      followers.set(collection, [...(followers.get(collection) ?? []), follower]);
    },
    isCurrent,
    tell(collection, ids) {
      for (const follower of followers.get(collection) ?? [])
        if (ids) ids.forEach((id) => follower.onChange(id));
        else follower.onGap();
    },
    async start(itsLog) {
      if (stream || followers.size === 0) return;
      log = itsLog;
      connection.getClient().on('topologyDescriptionChanged', onTopology);
      open();
      // The server takes some time to open the stream, and marks sent before are not in it.
      const deadline = performance.now() + START_WAIT_MS;
      while (!isCurrent() && performance.now() < deadline) {
        mark();
        await pause(START_MARK_MS);
      }
    },
    async stop() {
      clearInterval(marking);
      clearTimeout(retry);
      connection.getClient().off('topologyDescriptionChanged', onTopology);
      const opened = stream;
      if (!opened) return;
      stream = undefined;
      await opened.close();
      await Marks.deleteOne({ _id: own }).catch(() => {});
    },
  };
}

function numberOf(change: mongo.ChangeStreamDocument): number {
  // A cast, because only `mark` writes there.
  const { fullDocument, updateDescription } = change as {
    fullDocument?: Partial<Mark>;
    updateDescription?: { updatedFields?: Partial<Mark> };
  };
  return updateDescription?.updatedFields?.number ?? fullDocument?.number ?? 0;
}
