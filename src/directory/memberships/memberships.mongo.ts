import { Schema, trusted, type Connection } from 'mongoose';
import { toUser, userModel, withoutSecret } from '../users/user-document.mongo.ts';
import { isIn, membershipIn } from './current.mongo.ts';
import { MOST_OWNERS, type MembershipStore } from './membership.ts';

const deletedSchema = new Schema<{ _id: string }>({ _id: String }, { collection: 'deleted_groups', versionKey: false });

/**
 * Without the hint the database may choose an index by one of the other conditions, try it on these users, find it quick
 * because they happen to come first in it, and then read all of it: 17 s instead of 0.5 at a million.
 */
const byId = { hint: { _id: 1 } } as const;

/** As the index of owners wants it. */
const owning = (groupId: string) => ({ ownerOf: groupId });

/** Memberships live inside the member's own document: read with it in one query, gone with it in one write. */
export function createMembershipStore(connection: Connection): MembershipStore {
  const Users = userModel(connection);
  const Deleted = connection.model('DeletedGroup', deletedSchema);

  return {
    largest: (limit) =>
      Users.aggregate<{ id: string; members: number }>([
        { $unwind: '$memberships' },
        { $group: { _id: '$memberships.group', members: { $sum: 1 } } },
        { $sort: { members: -1, _id: 1 } },
        { $limit: limit },
        { $project: { _id: 0, id: '$_id', members: 1 } },
      ]).allowDiskUse(true),

    async candidates(groupId, named) {
      const filter =
        'userIds' in named ? { _id: trusted({ $in: named.userIds }) } : { username: trusted({ $in: named.usernames }) };
      const itself = { memberships: { $elemMatch: membershipIn(groupId) } };
      const found = await Users.find(filter, { username: 1, kind: 1, ...itself }).lean();
      return found.map(({ _id, username, kind, memberships }) => ({
        id: _id,
        username,
        isCustomer: kind === 'customer',
        isMember: (memberships ?? []).length > 0,
      }));
    },

    async add(groupId, userIds, since, by) {
      await Users.updateMany(
        { _id: trusted({ $in: userIds }), kind: 'customer', 'memberships.group': trusted({ $ne: groupId }) },
        { $push: { memberships: { group: groupId, since, by } } },
        byId,
      );
    },

    async remove(groupId, userIds) {
      await Users.updateMany({ _id: trusted({ $in: userIds }) }, { $pull: { memberships: { group: groupId } } }, byId);
    },

    async change(userId, { add, remove }, since, by) {
      await Users.updateOne({ _id: userId }, { $pull: { memberships: { group: { $in: remove } } } });
      const added = add.map((group) => ({ group, since, by }));
      await Users.updateOne({ _id: userId, kind: 'customer' }, { $push: { memberships: { $each: added } } });
    },

    async ownersOf(groupId) {
      const found = await Users.find(owning(groupId), withoutSecret)
        .sort({ username: 1 })
        .limit(MOST_OWNERS + 1)
        .lean();
      return found.map(toUser);
    },

    async addOwner(groupId, userId) {
      return (await Users.updateOne({ _id: userId }, { $addToSet: { ownerOf: groupId } })).modifiedCount === 1;
    },

    async removeOwner(groupId, userId) {
      const { modifiedCount } = await Users.updateOne(
        { _id: userId, ...owning(groupId) },
        { $pull: { ownerOf: groupId } },
      );
      return modifiedCount === 1;
    },

    async markDeleted(groupId) {
      await Users.updateMany(owning(groupId), { $pull: { ownerOf: groupId } });
      await Deleted.create({ _id: groupId });
    },

    async deletedGroups() {
      return (await Deleted.find().lean()).map(({ _id }) => _id);
    },

    async purge(groupId, limit) {
      const found = await Users.find(isIn(groupId), { _id: 1 }).limit(limit).lean();
      const ids = found.map(({ _id }) => _id);
      await Users.updateMany({ _id: trusted({ $in: ids }) }, { $pull: { memberships: { group: groupId } } }, byId);
      return ids.length;
    },

    async forgetDeleted(groupId) {
      await Deleted.deleteOne({ _id: groupId });
    },
  };
}
