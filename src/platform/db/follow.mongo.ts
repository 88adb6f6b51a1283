import type { Collection } from 'mongoose';

/** What was inserted, in the order of the commits, and where to go on. */
export interface FollowedInserts<D> {
  documents: D[];
  cursor: string;
}

/** The server holds an empty answer back as long as this, so it is also how long a full one may wait for company. */
const SLICE_MS = 300;

/**
 * Waits up to `waitMs` for documents inserted after `cursor`, or from now on without one. The cursor is a resume
 * token that this function gave out. 'forgotten' when it is older than the oplog.
 */
export async function followInserts<D>(
  collection: Collection,
  cursor: string | undefined,
  { waitMs, limit }: { waitMs: number; limit: number },
): Promise<FollowedInserts<D> | 'forgotten'> {
  const resume = cursor === undefined ? {} : { resumeAfter: { _data: cursor } };
  const stream = collection.watch([{ $match: { operationType: 'insert' } }], {
    ...resume,
    batchSize: limit,
    maxAwaitTimeMS: Math.min(waitMs, SLICE_MS),
  });
  try {
    const documents: D[] = [];
    const until = performance.now() + waitMs;
    for (;;) {
      const change = await stream.tryNext();
      if (change?.operationType === 'insert') documents.push(change.fullDocument as D);
      const isIdle = change === null && (documents.length > 0 || performance.now() >= until);
      if (isIdle || documents.length >= limit) break;
    }
    // A cast, because the driver types a token as anything; it is the one thing of it that is documented.
    return { documents, cursor: (stream.resumeToken as { _data: string })._data };
  } catch (error) {
    if ((error as { codeName?: string }).codeName === 'ChangeStreamHistoryLost') return 'forgotten';
    throw error;
  } finally {
    await stream.close();
  }
}
