import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import type { EventContent, EventRecord, EventStore } from './security-event.ts';

const DAY_MS = 24 * 3600 * 1000;
/** A receiver that is away for longer misses events. */
const KEPT_DAYS = 30;
/** Delivered ones are kept for administrators to look at. */
const SHOWN_DAYS = 7;

interface EventDocument {
  _id: string;
  streamId: string;
  /** While it is to be delivered. */
  open?: true;
  order: string;
  type: string;
  /** JSON text: keys that the database would read a meaning into are just text then. */
  content: string;
  createdAt: Date;
  deliveredAt?: Date;
  refusal?: string;
  forgetAt: Date;
}

const schema = new Schema<EventDocument>(
  {
    _id: String,
    streamId: String,
    open: Boolean,
    order: String,
    type: String,
    content: String,
    createdAt: Date,
    deliveredAt: Date,
    refusal: String,
    forgetAt: Date,
  },
  { collection: 'security_events', versionKey: false },
);
const byStream = { streamId: 1, order: 1 } as const;
const byOpen = { open: 1, streamId: 1, order: 1 } as const;
schema.index(byOpen, { partialFilterExpression: { open: true } });
schema.index(byStream);
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export function createEventStore(connection: Connection): EventStore {
  const Events = modelOf(connection, 'SecurityEvent', schema);
  const openIn = (streamId: string) => ({ open: true, streamId }) as const;
  const closed = (at: Date) => ({ deliveredAt: at, forgetAt: new Date(at.getTime() + SHOWN_DAYS * DAY_MS) });

  return {
    async put(events) {
      const documents = events.map(({ id, streamId, content, at }) => ({
        _id: id,
        streamId,
        open: true as const,
        order: timeKey(at, id),
        type: content.type,
        content: JSON.stringify(content),
        createdAt: at,
        forgetAt: new Date(at.getTime() + KEPT_DAYS * DAY_MS),
      }));
      if (documents.length > 0) await Events.insertMany(documents);
    },

    async pending(streamId, limit) {
      const found = await Events.find(openIn(streamId)).sort({ order: 1 }).limit(limit).hint(byOpen).lean();
      return found.map(({ _id, content }) => ({ id: _id, streamId, content: JSON.parse(content) as EventContent }));
    },

    countPending: (streamId) => Events.countDocuments(openIn(streamId)),

    streamsWithPending: () => Events.distinct('streamId', { open: true }),

    async settle(streamId, ids, at) {
      const these = { ...openIn(streamId), _id: trusted({ $in: ids }) };
      await Events.updateMany(these, { $set: closed(at), $unset: { open: 1 } });
    },

    async refuse(streamId, id, refusal, at) {
      await Events.updateOne(
        { ...openIn(streamId), _id: id },
        { $set: { ...closed(at), refusal }, $unset: { open: 1 } },
      );
    },

    recent(streamIds, page) {
      const scan = { index: byStream, head: { streamId: { $in: streamIds } }, key: 'order', rest: [] };
      return readPage(Events, { scans: [scan], descending: true }, page, toRecord);
    },

    async removeOfStream(streamId) {
      await Events.deleteMany({ streamId });
    },
  };
}

const toRecord = ({ _id: id, streamId, type, createdAt, deliveredAt, refusal }: EventDocument): EventRecord => ({
  id,
  streamId,
  type,
  createdAt,
  deliveredAt,
  refusal,
});
