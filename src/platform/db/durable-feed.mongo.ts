import { Schema, type Connection, type mongo } from 'mongoose';
import { modelOf } from './model.mongo.ts';

/** A change to a document, in the order of the commits. */
export interface Change {
  collection: string;
  id: string;
  operation: 'insert' | 'update' | 'replace' | 'delete';
  /** Of an update: the fields that it set or took away, such as `memberships.0.until`. */
  fields: string[];
  /** When it happened, by the database's clock. */
  at: Date;
  /** As it was inserted, where that was asked for. */
  document?: Record<string, unknown>;
}

export interface Changes {
  changes: Change[];
  /** Where to go on after these. */
  position: string;
  /** Changes were missed since this time, or since ever: everything has to be looked at. */
  gap?: { since: Date | undefined };
}

/**
 * Changes from where the last reader left off, wherever that was. Nothing is written for it by those who make the changes:
 * the database's own log is the outbox, in the transaction of the change. For one reader at a time.
 */
export interface DurableFeed {
  /** Waits up to `waitMs` for changes, at most `limit`. */
  next(options: { waitMs: number; limit: number }): Promise<Changes>;
  /** What came up to here was taken. Joins the caller's transaction. */
  keep(position: string): Promise<void>;
  /** Next time it begins with what happens then. */
  forget(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Takes what comes, again and again, until it is to stop, or nobody wants it any more, which `takeOnce` says with false. What
 * was read and not taken is read again by the next who follows.
 */
export async function followWhileWanted(
  feed: Pick<DurableFeed, 'forget' | 'close'>,
  takeOnce: () => Promise<boolean>,
  stopping: AbortSignal,
): Promise<void> {
  try {
    while (!stopping.aborted) if (!(await takeOnce())) return await feed.forget();
  } finally {
    await feed.close();
  }
}

interface Position {
  _id: string;
  token: string;
  at: Date;
}

const positions = new Schema<Position>(
  { _id: String, token: String, at: Date },
  { collection: 'feed_positions', versionKey: false },
);

/** An empty answer is held back for so long. */
const SLICE_MS = 250;

const LOST = new Set(['ChangeStreamHistoryLost', 'ChangeStreamFatalError', 'InvalidResumeToken']);

const FIELDS_OF_UPDATE = {
  $concatArrays: [
    {
      $map: {
        input: { $objectToArray: { $ifNull: ['$updateDescription.updatedFields', {}] } },
        as: 'each',
        in: '$$each.k',
      },
    },
    { $ifNull: ['$updateDescription.removedFields', []] },
    { $map: { input: { $ifNull: ['$updateDescription.truncatedArrays', []] }, as: 'each', in: '$$each.field' } },
  ],
};

export interface DurableFeedOptions {
  /** Its position is stored under this name. */
  name: string;
  follow: Followed[];
}

/** A collection, and what counts in it. */
export interface Followed {
  collection: string;
  operations: Change['operation'][];
  /** A condition on the change, such as `{ 'fullDocument.action': … }`. */
  where?: object;
  withDocuments?: true;
}

export function createDurableFeed(connection: Connection, { name, follow }: DurableFeedOptions): DurableFeed {
  const Positions = modelOf(connection, 'FeedPosition', positions);
  let stream: mongo.ChangeStream | undefined;

  const withDocuments = follow.flatMap((each) => (each.withDocuments ? [each.collection] : []));
  const pipeline = [
    {
      $match: {
        $or: follow.map(({ collection, operations, where = {} }) => ({
          'ns.coll': collection,
          operationType: { $in: operations },
          ...where,
        })),
      },
    },
    {
      $project: {
        operationType: 1,
        'ns.coll': 1,
        documentKey: 1,
        wallTime: 1,
        fields: FIELDS_OF_UPDATE,
        document: { $cond: [{ $in: ['$ns.coll', withDocuments] }, '$fullDocument', '$$REMOVE'] },
      },
    },
  ];

  function open(resume: object): mongo.ChangeStream {
    // mongoose's own stream has no `tryNext`.
    return connection.db!.watch(pipeline, { ...resume, maxAwaitTimeMS: SLICE_MS });
  }

  async function close(): Promise<void> {
    const opened = stream;
    stream = undefined;
    await opened?.close().catch(() => {});
  }

  async function read({ waitMs, limit }: { waitMs: number; limit: number }): Promise<Changes> {
    const changes: Change[] = [];
    const until = performance.now() + waitMs;
    for (;;) {
      const change = await stream!.tryNext();
      if (change) changes.push(toChange(change));
      const isIdle = change === null && (changes.length > 0 || performance.now() >= until);
      if (isIdle || changes.length >= limit) break;
    }
    // A cast, because the driver types a token as anything; it is the one thing of it that is documented.
    return { changes, position: (stream!.resumeToken as { _data: string })._data };
  }

  /** 'lost' when the position is older than what the database remembers; with any other error it is asked again from there. */
  async function orLost(error: unknown): Promise<'lost'> {
    await close();
    if (LOST.has((error as { codeName?: string }).codeName ?? '')) return 'lost';
    throw error;
  }

  return {
    async next(options) {
      const more = stream && (await read(options).catch(orLost));
      if (more && more !== 'lost') return more;
      const position = await Positions.findOne({ _id: name }).lean();
      stream = open(position ? { resumeAfter: { _data: position.token } } : {});
      // The server looks for the position when it is first asked.
      const first = await read({ waitMs: 0, limit: options.limit }).catch(orLost);
      if (first !== 'lost') return position ? first : { ...first, gap: { since: undefined } };
      await close();
      stream = open({});
      return { ...(await read({ waitMs: 0, limit: 1 })), gap: { since: position?.at } };
    },

    async keep(token) {
      await Positions.updateOne({ _id: name }, { $set: { token }, $currentDate: { at: true } }, { upsert: true });
    },

    async forget() {
      await close();
      await Positions.deleteOne({ _id: name });
    },

    close,
  };
}

/** A cast, because only such changes are asked for, and all documents here have strings as ids. */
function toChange(change: mongo.ChangeStreamDocument): Change {
  const { ns, documentKey, operationType, wallTime, fields, document } = change as unknown as {
    ns: { coll: string };
    documentKey: { _id: string };
    operationType: Change['operation'];
    wallTime: Date;
    fields: string[];
    document?: Record<string, unknown>;
  };
  return {
    collection: ns.coll,
    id: documentKey._id,
    operation: operationType,
    fields,
    at: wallTime,
    ...(document ? { document } : {}),
  };
}
