import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { SetupLinkStore } from './bootstrap.ts';

const schema = new Schema<{ _id: string; hash: string; expiresAt: Date }>(
  { _id: String, hash: String, expiresAt: Date },
  { collection: 'setup_links', versionKey: false },
);

export function createSetupLinkStore(connection: Connection): SetupLinkStore {
  const Links = modelOf(connection, 'SetupLink', schema);
  const valid = (hash: string, now: Date) => ({ _id: 'owner', hash, expiresAt: trusted({ $gt: now }) });

  return {
    async put(hash, expiresAt) {
      await Links.updateOne({ _id: 'owner' }, { $set: { hash, expiresAt } }, { upsert: true });
    },
    isValid: async (hash, now) => (await Links.exists(valid(hash, now))) !== null,
    use: async (hash, now) => (await Links.deleteOne(valid(hash, now))).deletedCount === 1,
  };
}
