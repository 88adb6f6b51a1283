import { Schema, trusted, type Connection } from 'mongoose';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { KnownUser, KnownUserStore } from './known-user.ts';

const schema = new Schema<KnownUser>(
  {
    clientId: String,
    userId: String,
    sub: String,
    scopes: [String],
    claims: [new Schema({ name: String, digest: String }, { _id: false })],
    hasAccess: Boolean,
    isDisabled: Boolean,
    version: Number,
    readAt: Date,
    knownAt: Date,
  },
  { collection: 'application_users', versionKey: false },
);
schema.index({ clientId: 1, userId: 1 }, { unique: true });
schema.index({ clientId: 1, sub: 1 });
schema.index({ userId: 1 });

export function createKnownUserStore(connection: Connection): KnownUserStore {
  const KnownUsers = modelOf(connection, 'ApplicationUser', schema);
  const withoutId = { _id: 0 } as const;

  return {
    async insert({ clientId, userId, ...rest }) {
      const one = { clientId, userId };
      if (await KnownUsers.exists(one)) return;
      try {
        await KnownUsers.updateOne(one, { $setOnInsert: rest, $currentDate: { readAt: true } }, { upsert: true });
      } catch (error) {
        if (!isDuplicateKey(error)) throw error;
      }
    },

    ofUsers: (userIds) => KnownUsers.find({ userId: trusted({ $in: userIds }) }, withoutId).lean(),

    ofApplication: (clientId, { after, limit }) =>
      KnownUsers.find({ clientId, userId: trusted({ $gt: after }) }, withoutId)
        .sort({ userId: 1 })
        .limit(limit)
        .lean(),

    async find(clientId, by) {
      const named = 'sub' in by ? { sub: by.sub } : { userId: by.userId };
      return (await KnownUsers.findOne({ clientId, ...named }, withoutId).lean()) ?? undefined;
    },

    async change({ clientId, userId, version }, { scopes, claims, hasAccess, isDisabled }) {
      const { matchedCount } = await KnownUsers.updateOne(
        { clientId, userId, version },
        {
          $set: { scopes, claims, hasAccess, isDisabled },
          $inc: { version: 1 },
          $currentDate: { readAt: true },
        },
      );
      return matchedCount === 1;
    },

    async removeOfUser(userId) {
      await KnownUsers.deleteMany({ userId });
    },

    async removeOfApplication(clientId) {
      await KnownUsers.deleteMany({ clientId });
    },
  };
}
