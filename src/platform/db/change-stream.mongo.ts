import { randomUUID } from 'node:crypto';
import { Schema, type Connection, type mongo } from 'mongoose';
import type { Log } from '../http/log.ts';
import { monotonicMs, type ChangeListener, type ChangeSource, type Interest } from './change-source.ts';
import type { Database } from './connection.mongo.ts';
import { modelOf } from './model.mongo.ts';
import { onNewPrimary } from './primary.mongo.ts';

/** A mark is sent this often while anybody asks. */
const MARK_MS = 250;
/** More often, until the first has come out: the server takes some time to open the stream, and what was written before is not in it. */
const FIRST_MARK_MS = 25;
/** Nobody asked for so long: no marks are sent, and the next who asks reads from the database. */
const IDLE_MS = 3000;
/** A mark that has not come out by then proves nothing any more. */
const LATE_MS = 2000;
const RETRY_MS = 1000;

interface Mark {
  _id: string;
  number: number;
  at: Date;
}

/** One that waits for the next change, one that writes marks. */
const CONNECTIONS = 2;

const MARKS = 'change_feed_marks';

/** Marks of processes that ended without a word go after a day. */
const marks = new Schema<Mark>({ _id: String, number: Number, at: Date }, { collection: MARKS, versionKey: false });
marks.index({ at: 1 }, { expireAfterSeconds: 24 * 3600 });

/** Before the collections are prepared. */
export const declareMarks = (connection: Connection) => modelOf(connection, 'ChangeFeedMark', marks);

/**
 * A change stream of the database. That it is open says little: a server that is cut off or frozen is silent too. So a mark is
 * written, and comes out of the stream. The stream has the order of the writes, so when the mark sent at a moment arrives,
 * everything acknowledged before that moment has arrived as well; no clock but this machine's own is read.
 *
 * With connections of its own: when those of the pool are all taken, what memory knows must go on counting, or every request
 * would ask the database and wait for one, too.
 */
export function createChangeStream({ connection, openClient }: Database, log: Log): ChangeSource {
  const client = openClient({ poolSize: CONNECTIONS });
  const database = client.db(connection.name);
  const written = database.collection<Mark>(MARKS);
  const own = randomUUID();
  const sentAt = new Map<number, number>();
  let number = 0;
  let askedAt = -Infinity;
  let markedAt = -Infinity;
  let hasProved = false;
  let marking: NodeJS.Timeout | undefined;
  let stream: mongo.ChangeStream | undefined;
  let leavePrimary: (() => void) | undefined;
  let retry: NodeJS.Timeout | undefined;

  function ask(): void {
    askedAt = monotonicMs();
    marking ??= setInterval(mark, MARK_MS).unref();
    const isWaiting = hasProved && sentAt.size > 0;
    if (!isWaiting && askedAt - markedAt >= (hasProved ? MARK_MS : FIRST_MARK_MS)) mark();
  }

  function mark(): void {
    const now = monotonicMs();
    if (now - askedAt > IDLE_MS) {
      clearInterval(marking);
      marking = undefined;
      return;
    }
    number += 1;
    markedAt = now;
    sentAt.set(number, now);
    for (const [earlier, at] of sentAt) if (now - at > LATE_MS) sentAt.delete(earlier);
    // One that fails proves nothing, which is all there is to it.
    written
      .updateOne(
        { _id: own },
        { $set: { number }, $currentDate: { at: true } },
        { upsert: true, writeConcern: { w: 1 } },
      )
      .catch(() => {});
  }

  function arrived(mark: number): number | undefined {
    const at = sentAt.get(mark);
    hasProved ||= at !== undefined;
    for (const earlier of sentAt.keys()) if (earlier <= mark) sentAt.delete(earlier);
    return at;
  }

  function open(interest: Interest, listener: ChangeListener): void {
    function onEvent(change: mongo.ChangeStreamDocument): void {
      if (!('documentKey' in change)) return listener.onGap();
      const { coll: collection } = change.ns;
      if (collection === MARKS) {
        const at = arrived(numberOf(change));
        if (at !== undefined) listener.onProof(at);
        return;
      }
      // A cast, because all documents here have strings as ids.
      const id = change.documentKey._id as unknown as string;
      listener.onChange({ collection, id, isInsert: change.operationType === 'insert' });
    }

    function reopen(closed: unknown, error: unknown): void {
      if (stream !== closed || retry) return;
      sentAt.clear();
      listener.onGap();
      void stream?.close().catch(() => {});
      if (error) log.warn({ err: error }, 'lost the change stream, reading from the database until it is restored');
      retry = setTimeout(() => {
        retry = undefined;
        open(interest, listener);
      }, RETRY_MS).unref();
    }

    const opened = database.watch(pipelineFor(interest), { fullDocument: 'default' });
    stream = opened;
    leavePrimary ??= onNewPrimary(client, listener.onGap);
    hasProved = false;
    sentAt.clear();
    // What changed while nobody listened is not known, so everything may have.
    listener.onGap();
    opened.on('change', onEvent);
    opened.on('error', (error) => reopen(opened, error));
    opened.on('close', () => reopen(opened, undefined));
  }

  function pipelineFor({ collections, withInserts }: Interest): mongo.BSON.Document[] {
    const changes = { 'ns.coll': { $in: collections }, operationType: { $ne: 'insert' } };
    const inserts = { 'ns.coll': { $in: withInserts }, operationType: 'insert' };
    const itsMarks = { 'ns.coll': MARKS, 'documentKey._id': own };
    const fields = {
      operationType: 1,
      ns: 1,
      documentKey: 1,
      'fullDocument.number': 1,
      'updateDescription.updatedFields.number': 1,
    };
    return [{ $match: { $or: [changes, inserts, itsMarks, { operationType: 'dropDatabase' }] } }, { $project: fields }];
  }

  return {
    open,
    ask,
    async close() {
      clearInterval(marking);
      clearTimeout(retry);
      leavePrimary?.();
      const opened = stream;
      stream = undefined;
      await opened?.close();
      await written.deleteOne({ _id: own }).catch(() => {});
      await client.close();
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
