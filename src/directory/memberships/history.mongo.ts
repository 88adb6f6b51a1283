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

// The ID decides between two changes in one millisecond.
const byGroup = { 'membership.group': 1, key: 1, end: 1, _id: 1 } as const;
const byUser = { user: 1, end: 1, _id: 1 } as const;
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

    async versionsInGroup(groupId, at, { after, limit }) {
      const all = Past.find({
        'membership.group': groupId,
        ...(after === undefined ? {} : { key: trusted({ $gt: after }) }),
        end: trusted({ $gt: at }),
        'membership.since': trusted({ $lte: at }),
      })
        .hint(byGroup)
        .sort(byGroup)
        .lean()
        .cursor();
      const found: PastDocument[] = [];
      for await (const past of all) {
        // Of one user, the first to end is what was so at that moment.
        if (past.key !== found.at(-1)?.key) found.push(past);
        if (found.length === limit) break;
      }
      return found;
    },

    async versionsOfUser(userId, at) {
      const all = Past.find({ user: userId, end: trusted({ $gt: at }), 'membership.since': trusted({ $lte: at }) })
        .hint(byUser)
        .sort(byUser)
        .lean()
        .cursor();
      const byGroupId = new Map<string, PastMembership>();
      for await (const past of all) {
        const { group } = past.membership;
        if (!byGroupId.has(group)) byGroupId.set(group, past);
      }
      return [...byGroupId.values()];
    },

    ofUser: (userId, which) =>
      Past.find({
        user: userId,
        ...('groupId' in which ? { 'membership.group': which.groupId } : { end: trusted({ $gt: which.endedAfter }) }),
      })
        .hint(byUser)
        .sort({ user: 1, end: -1, _id: -1 })
        .lean(),

    async removeOfUser(userId) {
      await Past.deleteMany({ user: userId });
    },
  };
}
