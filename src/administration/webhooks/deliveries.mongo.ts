import { Schema, trusted, type Connection } from 'mongoose';
import { createDueQueue } from '../../platform/db/due-queue.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import type { Delivery, DeliveryStore } from './delivery.ts';

/** So long a delivery can be looked at and replayed. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

type DeliveryDocument = Omit<Delivery, 'id'> & { _id: string; order: string; forgetAt: Date };

const schema = new Schema<DeliveryDocument>(
  {
    _id: String,
    webhookId: String,
    type: String,
    body: String,
    status: String,
    attempt: Number,
    createdAt: Date,
    dueAt: Date,
    last: { type: new Schema({ at: Date, status: Number, error: String }, { _id: false }), default: undefined },
    order: String,
    forgetAt: Date,
  },
  { collection: 'webhook_deliveries', versionKey: false },
);
const byWebhook = { webhookId: 1, order: 1 } as const;
const byStatus = { webhookId: 1, status: 1, order: 1 } as const;
schema.index(byWebhook);
schema.index(byStatus);
schema.index({ webhookId: 1, dueAt: 1 }, { partialFilterExpression: { status: 'pending' } });
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export function createDeliveryStore(connection: Connection): DeliveryStore {
  const Deliveries = modelOf(connection, 'WebhookDelivery', schema);
  const queue = createDueQueue(Deliveries);
  const again = (at: Date) => ({ $set: { status: 'pending' as const, attempt: 0, dueAt: at } });

  return {
    async put(deliveries) {
      if (deliveries.length === 0) return;
      const known = new Set<string>(
        await Deliveries.distinct('_id', { _id: trusted({ $in: deliveries.map(({ id }) => id) }) }),
      );
      const fresh = deliveries.filter(({ id }) => !known.has(id));
      if (fresh.length > 0) await Deliveries.insertMany(fresh.map(toDocument));
    },

    search({ webhookId, status }, page) {
      const way = status ? { index: byStatus, head: { webhookId, status } } : { index: byWebhook, head: { webhookId } };
      const scan = { ...way, key: 'order', rest: [] };
      return readPage(Deliveries, { scans: [scan], descending: true }, page, toDelivery);
    },

    countFailed: (since) => Deliveries.countDocuments({ status: 'failed', order: trusted({ $gte: timeKey(since) }) }),

    webhooksWithPending: () => Deliveries.distinct('webhookId', { status: 'pending' }),

    async claim(webhookId, now, until) {
      const found = await queue.claim({ webhookId, status: 'pending' }, now, until);
      return found && toDelivery(found);
    },

    async postpone({ id, attempt }, last, dueAt) {
      await Deliveries.updateOne({ _id: id, attempt }, { $set: { last, dueAt } });
    },

    async finish({ id, attempt }, status, last) {
      await Deliveries.updateOne({ _id: id, attempt }, { $set: { status, last } });
    },

    async replay(webhookId, id, at) {
      const found = await Deliveries.findOneAndUpdate({ _id: id, webhookId }, again(at), {
        returnDocument: 'after',
      }).lean();
      return found ? toDelivery(found) : undefined;
    },

    async replayFailed(webhookId, at) {
      const { modifiedCount } = await Deliveries.updateMany({ webhookId, status: 'failed' }, again(at));
      return modifiedCount;
    },

    async removeOfWebhook(webhookId) {
      await Deliveries.deleteMany({ webhookId });
    },
  };
}

const toDocument = ({ id, ...delivery }: Delivery): DeliveryDocument => ({
  _id: id,
  ...delivery,
  order: timeKey(delivery.createdAt, id),
  forgetAt: new Date(delivery.createdAt.getTime() + KEPT_MS),
});

const toDelivery = ({ _id: id, order: _order, forgetAt: _forgetAt, ...delivery }: DeliveryDocument): Delivery => ({
  id,
  ...delivery,
});
