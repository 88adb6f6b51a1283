import { trusted, type Connection, type QueryFilter } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { createDeferredWrites } from '../../platform/db/deferred-writes.mongo.ts';
import { createLocks } from '../../platform/db/locks.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { onlyMembershipIn } from '../memberships/current.mongo.ts';
import type { Status } from './user.ts';
import type { StoredChange, UserStore } from './user-store.ts';
import {
  derived,
  endingProofs,
  toDocument,
  toUser,
  userModel,
  withoutSecret,
  type UserDocument,
} from './user-document.mongo.ts';
import { planUserSearch } from './user-plan.mongo.ts';

/** When a user signed in last is stored within this time. */
const SIGN_IN_NOTED_MS = 1000;

export function createUserStore(connection: Connection, now: Clock): UserStore {
  const Users = userModel(connection);
  const takeLock = createLocks(connection);
  // Worth no wait, neither for a command of its own nor for a second node.
  const signIns = createDeferredWrites<Date>(connection, {
    withinMs: SIGN_IN_NOTED_MS,
    write: (entries) =>
      Users.collection.bulkWrite(
        [...entries].map(([id, at]) => ({
          updateOne: {
            filter: { _id: id as never },
            update: { $set: { lastSignInAt: at, 'order.signedIn': timeKey(at, id) } },
          },
        })),
        { writeConcern: { w: 1 } },
      ),
  });

  async function setStatus(filter: QueryFilter<UserDocument>, status: Status, updatedAt: Date): Promise<void> {
    const updated = { $concat: [timeKey(updatedAt), '$_id'] };
    const proofs = status === 'disabled' ? { proofsValidSince: '$$NOW' } : {};
    await Users.updateMany(filter, [{ $set: { status, updatedAt, 'order.updated': updated, ...proofs } }], {
      updatePipeline: true,
      hint: { _id: 1 },
    });
  }

  return {
    async insert(user, passwordHash) {
      try {
        await Users.create(toDocument({ user, passwordHash, at: now() }));
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async insertMany(people) {
      const at = now();
      const documents = people.map((one) => toDocument({ ...one, at }));
      await Users.insertMany(documents, { ordered: false, lean: true });
    },

    async find(id) {
      const found = await Users.findOne({ _id: id }, withoutSecret).lean();
      return found ? toUser(found) : undefined;
    },

    async findByUsername(username) {
      const found = await Users.findOne({ username }, withoutSecret).lean();
      return found ? toUser(found) : undefined;
    },

    async findMany(ids) {
      const found = await Users.find({ _id: trusted({ $in: ids }) }, withoutSecret).lean();
      return found.map(toUser);
    },

    async findManyByUsername(usernames) {
      const found = await Users.find({ username: trusted({ $in: usernames }) }, withoutSecret).lean();
      return found.map(toUser);
    },

    async search(criteria, page) {
      return readPage(Users, await planUserSearch(Users, criteria, now()), page, toUser);
    },

    async searchMembers(criteria, page) {
      const search = await planUserSearch(Users, criteria, now());
      const projection = { ...search.projection, ...onlyMembershipIn(criteria.inGroup) };
      return readPage(Users, { ...search, projection }, page, toUser);
    },

    async select(criteria, page) {
      const search = { ...(await planUserSearch(Users, criteria, now())), projection: { order: 1 } as const };
      return readPage(Users, search, page, ({ _id }) => _id);
    },

    async update(id, change, at) {
      const before = await Users.findOne({ _id: id }, withoutSecret).lean();
      if (!before) return undefined;
      const changed = {
        firstName: change.first_name ?? before.firstName,
        lastName: change.last_name ?? before.lastName,
        customData: change.custom_data ?? before.customData ?? {},
        status: change.status ?? before.status,
        updatedAt: at,
      };
      const { set, unset } = optionalFields(change);
      const after = await Users.findOneAndUpdate(
        { _id: id },
        {
          $set: { ...changed, ...set, ...derived({ ...toUser(before), ...changed }) },
          $unset: unset,
          ...(change.status === 'disabled' ? endingProofs : {}),
        },
        { returnDocument: 'after', projection: withoutSecret },
      ).lean();
      return after ? toUser(after) : undefined;
    },

    async setAdministration(id, { adminRoles, adminScope }, at) {
      const $set = {
        adminRoles,
        updatedAt: at,
        'order.updated': timeKey(at, id),
        ...(adminScope ? { adminScope } : {}),
      };
      const $unset: Record<string, 1> = adminScope ? {} : { adminScope: 1 };
      const options = { returnDocument: 'after', projection: withoutSecret } as const;
      const updated = await Users.findOneAndUpdate({ _id: id }, { $set, $unset }, options).lean();
      return updated ? toUser(updated) : undefined;
    },

    async disableMany(ids, at) {
      await setStatus({ _id: trusted({ $in: ids }) }, 'disabled', at);
    },

    async enableMany(ids, at) {
      const password = 'secret.passwordHash';
      const _id = trusted({ $in: ids });
      await setStatus({ _id, [password]: trusted({ $exists: true }) }, 'active', at);
      await setStatus({ _id, [password]: trusted({ $exists: false }) }, 'invited', at);
    },

    async endProofs(ids) {
      // Users who were only invited have proved nothing yet; their invitations stay good.
      await Users.updateMany({ _id: trusted({ $in: ids }), status: trusted({ $ne: 'invited' }) }, endingProofs);
    },

    noteSignIn: (id, at) => signIns.put(id, at),

    async remove(id) {
      const removed = await Users.findOneAndDelete({ _id: id }, { projection: withoutSecret }).lean();
      return removed ? toUser(removed) : undefined;
    },

    hasPassword: async (id) =>
      (await Users.exists({ _id: id, 'secret.passwordHash': trusted({ $exists: true }) })) !== null,

    async withAdminScope(groupId, limit) {
      const found = await Users.find({ kind: 'administrator', adminScope: groupId }, withoutSecret)
        .sort({ username: 1 })
        .limit(limit)
        .lean();
      return found.map(toUser);
    },

    lockAdministrators: () => takeLock('administrators'),

    // Their kind as well, so that nobody else is looked at.
    count: ({ adminRole, ...filter }) =>
      Users.countDocuments({ ...filter, ...(adminRole ? { kind: 'administrator', adminRoles: adminRole } : {}) }),
  };
}

/** What may be taken away again: null says so. */
function optionalFields(change: StoredChange): { set: Record<string, unknown>; unset: Record<string, 1> } {
  const set: Record<string, unknown> = {};
  const unset: Record<string, 1> = {};
  for (const field of ['picture', 'locale', 'zoneinfo'] as const) {
    const value = change[field];
    if (value === null) unset[field] = 1;
    else if (value !== undefined) set[field] = value;
  }
  const { attributes } = change;
  if (attributes && Object.keys(attributes).length > 0) set['attributes'] = attributes;
  else if (attributes) unset['attributes'] = 1;
  return { set, unset };
}
