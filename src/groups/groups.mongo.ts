import { Schema, trusted, type Connection, type Model } from 'mongoose';
import { nameKey } from '../base/names.ts';
import { toPage } from '../base/paging.ts';
import { isDuplicateKey } from '../db/connection.mongo.ts';
import { modelOf } from '../db/model.mongo.ts';
import { createWatchedCache, type WatchedCache } from '../db/watched-cache.mongo.ts';
import type { Log } from '../http/log.ts';
import type { Group, GroupChange, GroupStore } from './group.ts';

type GroupDocument = Omit<Group, 'id'> & { _id: string; nameKey: string };

const schema = new Schema<GroupDocument>(
  {
    _id: String,
    name: String,
    nameKey: String,
    description: String,
    roleIds: [String],
    customData: Schema.Types.Mixed,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'groups', versionKey: false, minimize: false },
);
schema.index({ nameKey: 1 }, { unique: true });
schema.index({ roleIds: 1 });

function groupModel(connection: Connection): Model<GroupDocument> {
  return modelOf(connection, 'Group', schema);
}

export function createGroupStore(connection: Connection): GroupStore {
  const Groups = groupModel(connection);

  return {
    async insert({ id, ...group }) {
      try {
        await Groups.create({ _id: id, ...group, nameKey: nameKey(group.name) });
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async find(id) {
      const found = await Groups.findOne({ _id: id }).lean();
      return found ? toGroup(found) : undefined;
    },

    findMany: (ids) => findMany(Groups, ids),

    async list({ q }, { limit, after }) {
      const range = {
        ...(after === undefined ? {} : { $gt: after }),
        ...(q ? { $gte: nameKey(q), $lt: `${nameKey(q)}\u{10FFFF}` } : {}),
      };
      const found = await Groups.find(Object.keys(range).length > 0 ? { nameKey: trusted(range) } : {})
        .sort({ nameKey: 1 })
        .limit(limit + 1)
        .lean();
      return toPage('groups', found.map(toGroup), limit, (group) => nameKey(group.name));
    },

    async update(id, change, at) {
      try {
        const updated = await Groups.findOneAndUpdate(
          { _id: id },
          { $set: { ...toSet(change), updatedAt: at } },
          { returnDocument: 'after' },
        ).lean();
        return updated ? toGroup(updated) : 'missing';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async remove(id) {
      const removed = await Groups.findOneAndDelete({ _id: id }).lean();
      return removed ? toGroup(removed) : undefined;
    },

    async takeRole(roleId, at) {
      await Groups.updateMany({ roleIds: roleId }, { $pull: { roleIds: roleId }, $set: { updatedAt: at } });
    },
  };
}

/** Groups as the claims read them: from memory, kept right by a change stream, so that a token costs one query. */
export function createGroupCache(connection: Connection, log: Log): WatchedCache<Group> {
  const model = groupModel(connection);
  return createWatchedCache<Group>({
    collection: model.collection,
    load: (ids) => findMany(model, ids),
    idOf: (group) => group.id,
    log,
  });
}

async function findMany(Groups: Model<GroupDocument>, ids: string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  const found = await Groups.find({ _id: trusted({ $in: ids }) }).lean();
  return found.map(toGroup);
}

function toSet(change: GroupChange): Partial<GroupDocument> {
  return {
    ...(change.name === undefined ? {} : { name: change.name, nameKey: nameKey(change.name) }),
    ...(change.description === undefined ? {} : { description: change.description }),
    ...(change.custom_data === undefined ? {} : { customData: change.custom_data }),
    ...(change.role_ids === undefined ? {} : { roleIds: change.role_ids }),
  };
}

function toGroup({ _id, nameKey: _key, ...group }: GroupDocument): Group {
  return { id: _id, ...group, customData: group.customData ?? {}, roleIds: group.roleIds ?? [] };
}
