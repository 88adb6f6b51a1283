import { Schema, type Connection } from 'mongoose';
import { modelOf } from '../../../src/platform/db/model.mongo.ts';
import type { BadgeStore } from './badge.ts';

const schema = new Schema<{ _id: string; title: string }>(
  { _id: String, title: String },
  { collection: 'badges', versionKey: false },
);

export function createBadgeStore(connection: Connection): BadgeStore {
  const Badges = modelOf(connection, 'Badge', schema);
  return {
    async find(userId) {
      const found = await Badges.findById(userId).lean();
      return found ? { userId, title: found.title } : undefined;
    },
    async put({ userId, title }) {
      await Badges.updateOne({ _id: userId }, { $set: { title } }, { upsert: true });
    },
    async remove(userId) {
      await Badges.deleteOne({ _id: userId });
    },
    count: () => Badges.countDocuments(),
  };
}
