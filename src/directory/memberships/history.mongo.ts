import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import type { HistoryStore, PastMembership } from './history.ts';

interface PastDocument extends PastMembership {
  /** As users are ordered by email. */
  key: string;
}

const membership = new Schema(
  { group: String, since: Date, by: String, source: String, job: String, from: Date, until: Date },
  { _id: false },
);

const schema = new Schema<PastDocument>(
  { user: String, username: String, key: String, membership, end: Date, closing: String, endedBy: String },
  { collection: 'membership_history', versionKey: false },
);

const byGroup = { 'membership.group': 1, key: 1, end: 1 } as const;
const byUser = { user: 1, end: -1 } as const;
schema.index(byGroup);
schema.index(byUser);

/** What was and is no longer; entries are only added. */
export function createHistoryStore(connection: Connection): HistoryStore {
  const Past = modelOf(connection, 'PastMembership', schema);

  return {
    async append(past) {
      await Past.insertMany(
        past.map((each) => ({ ...each, key: wordKey([each.username], each.user) })),
        { lean: true },
      );
    },

    async at(groupId, at, { after, limit }) {
      const found = await Past.find({
        'membership.group': groupId,
        ...(after === undefined ? {} : { key: trusted({ $gt: after }) }),
        end: trusted({ $gt: at }),
        'membership.since': trusted({ $lte: at }),
        'membership.from': trusted({ $not: { $gt: at } }),
        'membership.until': trusted({ $not: { $lte: at } }),
      })
        .hint(byGroup)
        .sort({ 'membership.group': 1, key: 1 })
        .limit(limit)
        .lean();
      return found;
    },

    ofUser: (userId, which, limit) =>
      Past.find({
        user: userId,
        ...('groupId' in which ? { 'membership.group': which.groupId } : { end: trusted({ $gt: which.endedAfter }) }),
      })
        .sort(byUser)
        .limit(limit)
        .lean(),

    async removeOfUser(userId) {
      await Past.deleteMany({ user: userId });
    },
  };
}
