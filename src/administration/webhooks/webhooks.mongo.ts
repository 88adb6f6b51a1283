import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import type { Webhook, WebhookStore } from './webhook.ts';

type WebhookDocument = Omit<Webhook, 'id'> & { _id: string; order: string };

const secret = new Schema({ encrypted: String, expiresAt: Date }, { _id: false });
const schema = new Schema<WebhookDocument>(
  {
    _id: String,
    url: String,
    description: String,
    events: [String],
    isEnabled: Boolean,
    secret: String,
    previousSecret: { type: secret, default: undefined },
    order: String,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'webhooks', versionKey: false },
);
const byOrder = { order: 1 } as const;
schema.index(byOrder);

export function createWebhookStore(connection: Connection): WebhookStore {
  const Webhooks = modelOf(connection, 'Webhook', schema);

  return {
    async insert(webhook) {
      await Webhooks.create(toDocument(webhook));
    },

    async find(id) {
      const found = await Webhooks.findOne({ _id: id }).lean();
      return found ? toWebhook(found) : undefined;
    },

    list: (page) => {
      const scan = { index: byOrder, head: {}, key: 'order', rest: [] };
      return readPage(Webhooks, { scans: [scan], descending: true, isEverything: true }, page, toWebhook);
    },

    async enabled() {
      return (await Webhooks.find({ isEnabled: trusted({ $eq: true }) }).lean()).map(toWebhook);
    },

    async replace(webhook) {
      const { _id, ...replacement } = toDocument(webhook);
      await Webhooks.replaceOne({ _id }, replacement);
    },

    async remove(id) {
      await Webhooks.deleteOne({ _id: id });
    },
  };
}

const toDocument = ({ id, ...webhook }: Webhook): WebhookDocument => ({
  _id: id,
  ...webhook,
  order: timeKey(webhook.createdAt, id),
});

const toWebhook = ({ _id: id, order: _order, ...webhook }: WebhookDocument): Webhook => ({ id, ...webhook });
