import { Schema, trusted, type Connection } from 'mongoose';
import { toUser, userModel, withoutSecret } from '../users/user-document.mongo.ts';
import {
  byChange,
  isDue,
  isNamedIn,
  isNotNamedIn,
  membershipIn,
  membershipInAny,
  nextChangeOf,
  onlyMembershipIn,
  toMembership,
  toStoredMembership,
  type StoredMembership,
} from './current.mongo.ts';
import { countMembers } from './member-counts.mongo.ts';
import { MOST_OWNERS, type Addition, type DeletedGroup, type MembershipStore, type Turn } from './membership.ts';
import { hasEnded } from './period.ts';

interface DeletedDocument extends Omit<DeletedGroup, 'id'> {
  _id: string;
  isPurged: boolean;
  isPurgedOnce?: boolean;
}

const deletedSchema = new Schema<DeletedDocument>(
  { _id: String, name: String, createdAt: Date, deletedAt: Date, by: String, isPurged: Boolean, isPurgedOnce: Boolean },
  { collection: 'deleted_groups', versionKey: false },
);
deletedSchema.index({ isPurged: 1 });

const toDeleted = ({ _id: id, isPurged: _done, isPurgedOnce: _begun, ...group }: DeletedDocument): DeletedGroup => ({
  id,
  ...group,
});

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
    largest: (limit, at) =>
      Users.aggregate<{ id: string; members: number }>([
        { $unwind: '$memberships' },
        { $match: { 'memberships.from': { $not: { $gt: at } }, 'memberships.until': { $not: { $lte: at } } } },
        { $group: { _id: { $ifNull: ['$memberships.group', '$memberships.upcoming'] }, members: { $sum: 1 } } },
        { $sort: { members: -1, _id: 1 } },
        { $limit: limit },
        { $project: { _id: 0, id: '$_id', members: 1 } },
      ]).allowDiskUse(true),

    countsOf: (groupIds, at) => countMembers(Users, groupIds, at),

    async candidates(groupId, named) {
      const filter =
        'userIds' in named ? { _id: trusted({ $in: named.userIds }) } : { username: trusted({ $in: named.usernames }) };
      const found = await Users.find(filter, { username: 1, kind: 1, ...onlyMembershipIn(groupId) }).lean();
      return found.map(({ _id, username, kind, memberships }) => ({
        id: _id,
        username,
        isCustomer: kind === 'customer',
        membership: memberships?.[0] && toMembership(memberships[0]),
      }));
    },

    async add(groupId, additions, origin) {
      const { since: at } = origin;
      for (const { ids, period } of byPeriod(additions)) {
        const stored = toStoredMembership({ group: groupId, ...origin, ...period }, at);
        const next = nextChangeOf([stored]);
        await Users.updateMany(
          { _id: trusted({ $in: ids }), kind: 'customer', ...trustedEach(isNotNamedIn(groupId)) },
          { $push: { memberships: stored }, ...(next ? { $min: { membershipsChangeAt: next } } : {}) },
          byId,
        );
      }
    },

    async remove(groupId, userIds) {
      await Users.updateMany(
        { _id: trusted({ $in: userIds }) },
        { $pull: { memberships: membershipIn(groupId) } },
        byId,
      );
    },

    async setPeriod(groupId, userId, period, at) {
      const found = await Users.findOne({ _id: userId }, { memberships: 1 }).lean();
      const memberships = (found?.memberships ?? []).map(toMembership);
      const old = memberships.find(({ group }) => group === groupId);
      if (!old) return false;
      const { from: _from, until: _until, ...rest } = old;
      const changed = memberships.map((each) => (each === old ? { ...rest, ...period } : each));
      await Users.updateOne({ _id: userId }, settled(changed.map((each) => toStoredMembership(each, at))));
      return true;
    },

    async change(userId, { add, remove }, origin) {
      // A membership that has not begun, or has ended, makes room for one of now.
      await Users.updateOne({ _id: userId }, { $pull: { memberships: membershipInAny([...remove, ...add]) } });
      const added = add.map((group) => ({ group, ...origin }));
      await Users.updateOne({ _id: userId, kind: 'customer' }, { $push: { memberships: { $each: added } } });
    },

    async settle(at, limit) {
      const due = { membershipsChangeAt: trusted(isDue(at).membershipsChangeAt) };
      const found = await Users.find(due, { username: 1, memberships: 1 })
        .hint(byChange)
        .sort(byChange)
        .limit(limit)
        .lean();
      const turns = found.map(({ _id: id, username, memberships }) => turnsOf({ id, username }, memberships, at));
      const updates = turns.map(({ user, stay }) => ({
        updateOne: { filter: { _id: user.id }, update: settled(stay) },
      }));
      if (updates.length > 0) await Users.bulkWrite(updates);
      return {
        began: turns.flatMap(({ began }) => began),
        ended: turns.flatMap(({ ended: over }) => over),
        documents: found.length,
      };
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

    async markDeleted({ id, ...group }) {
      await Users.updateMany(owning(id), { $pull: { ownerOf: id } });
      // An import can create a group with the ID of a deleted one, and that one can be deleted too.
      const $set = { ...group, isPurged: false, isPurgedOnce: false };
      await Deleted.updateOne({ _id: id }, { $set }, { upsert: true });
    },

    async unpurgedGroups(settledBefore) {
      const isDue = [{ isPurgedOnce: trusted({ $ne: true }) }, { deletedAt: trusted({ $lt: settledBefore }) }];
      return (await Deleted.find({ isPurged: false, $or: isDue }).lean()).map(toDeleted);
    },

    async unpurgedAmong(ids) {
      return (await Deleted.find({ _id: trusted({ $in: ids }), isPurged: false }).lean()).map(toDeleted);
    },

    async purge(groupId, limit) {
      const found = await Users.find(isNamedIn(groupId), { username: 1, ...onlyMembershipIn(groupId) })
        .limit(limit)
        .lean();
      const ids = found.map(({ _id }) => _id);
      await Users.updateMany({ _id: trusted({ $in: ids }) }, { $pull: { memberships: membershipIn(groupId) } }, byId);
      return found.flatMap(({ _id: id, username, memberships }) =>
        (memberships ?? []).map((stored) => ({ user: { id, username }, membership: toMembership(stored) })),
      );
    },

    async markPurged(groupId, how) {
      const $set = how === 'once' ? { isPurgedOnce: true } : { isPurged: true };
      await Deleted.updateOne({ _id: groupId }, { $set });
    },

    async findDeleted(ids) {
      return (await Deleted.find({ _id: trusted({ $in: ids }) }).lean()).map(toDeleted);
    },
  };
}

/** These memberships and no others, with the time at which they next change. */
function settled(memberships: StoredMembership[]) {
  const next = nextChangeOf(memberships);
  return next
    ? { $set: { memberships, membershipsChangeAt: next } }
    : { $set: { memberships }, $unset: { membershipsChangeAt: 1 as const } };
}

/** What time has made of a user's memberships. */
function turnsOf(user: Turn['user'], stored: StoredMembership[], at: Date) {
  const turns = stored.map((before) => ({ before, membership: toMembership(before) }));
  const turnOf = ({ membership }: (typeof turns)[number]): Turn => ({ user, membership });
  const isOver = ({ membership }: (typeof turns)[number]) => hasEnded(membership, at);
  const left = turns.filter((turn) => !isOver(turn));
  const stay = left.map(({ membership }) => toStoredMembership(membership, at));
  return {
    user,
    stay,
    began: left.filter(({ before }, index) => before.upcoming && stay[index]!.group).map(turnOf),
    ended: turns.filter(isOver).map(turnOf),
  };
}

/** One write serves all who get the same period. */
function byPeriod(additions: Addition[]) {
  const groups = new Map<string, { ids: string[]; period: Addition['period'] }>();
  for (const { userId, period } of additions) {
    const key = `${period.from?.getTime() ?? ''} ${period.until?.getTime() ?? ''}`;
    const { ids } = groups.get(key) ?? groups.set(key, { ids: [], period }).get(key)!;
    ids.push(userId);
  }
  return groups.values();
}

/** Conditions that are made here; mongoose would take the operators in them for an attack. */
const trustedEach = (condition: Record<string, object>) =>
  Object.fromEntries(Object.entries(condition).map(([field, value]) => [field, trusted(value)]));
