import { trusted, type Connection, type Model } from 'mongoose';
import { nameKey } from '../../platform/names.ts';
import { timeKey } from '../../platform/sort-keys.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { createLocks } from '../../platform/db/locks.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { createWatchedCache, type WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import {
  byEndNotice,
  groupModel,
  planGroupSearch,
  toDocument,
  toGroup,
  type GroupDocument,
} from './group-document.mongo.ts';
import { formerNamesAfter } from './former-names.ts';
import type { Group, GroupStore } from './group.ts';

export function createGroupStore(connection: Connection): GroupStore {
  const Groups = groupModel(connection);
  const takeLock = createLocks(connection);

  return {
    async insert(group) {
      try {
        await Groups.insertMany([toDocument(group)], { lean: true });
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

    async findByNames(names) {
      const keys = trusted({ $in: names.map(nameKey) });
      const found = await Groups.find({ $or: [{ nameKey: keys }, { nameKeys: keys }] }).lean();
      return found.map(toGroup);
    },

    search: (criteria, page) => readPage(Groups, planGroupSearch(criteria), page, toGroup),

    async update(id, change, at) {
      const { custom_data: customData, role_ids: roleIds, parent_id: parentId } = change;
      const before = await Groups.findOne({ _id: id }).lean();
      if (!before) return 'missing';
      const group = toGroup(before);
      const changed: Group = {
        ...group,
        name: change.name ?? group.name,
        formerNames: formerNamesAfter(group, change.name ?? group.name, at),
        description: change.description ?? group.description,
        customData: customData ?? group.customData,
        roleIds: roleIds ?? group.roleIds,
        parentId: parentId === undefined ? group.parentId : (parentId ?? undefined),
        endNoticeDays:
          change.end_notice_days === undefined ? group.endNoticeDays : (change.end_notice_days ?? undefined),
        requiresSecondFactor: change.requires_second_factor ?? group.requiresSecondFactor,
        updatedAt: at,
      };
      try {
        const { _id, createdAt: _created, ...set } = toDocument(changed);
        const $unset: Record<string, 1> = {
          ...(parentId === null ? { parentId: 1 } : {}),
          ...(change.end_notice_days === null ? { endNoticeDays: 1 } : {}),
        };
        const options = { returnDocument: 'after' } as const;
        const updated = await Groups.findOneAndUpdate({ _id }, { $set: set, $unset }, options).lean();
        return updated ? toGroup(updated) : 'missing';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async removeFormerName(id, name, at) {
      const before = await Groups.findOne({ _id: id, 'formerNames.name': name }).lean();
      if (!before) return undefined;
      const group = toGroup(before);
      const formerNames = group.formerNames.filter((each) => each.name !== name);
      const changed = { ...group, formerNames, updatedAt: at };
      const { nameKeys, order } = toDocument(changed);
      await Groups.updateOne({ _id: id }, { $set: { formerNames, nameKeys, order, updatedAt: at } });
      return changed;
    },

    async remove(id) {
      const removed = await Groups.findOneAndDelete({ _id: id }).lean();
      return removed ? toGroup(removed) : undefined;
    },

    async childrenOf(ids, limit) {
      const found = await Groups.find({ parentId: trusted({ $in: ids }) }, { _id: 1 })
        .limit(limit)
        .lean();
      return found.map(({ _id }) => _id);
    },

    lockTree: () => takeLock('groups'),

    async withRole(roleId, limit) {
      const found = await Groups.find({ roleIds: roleId }, { _id: 1 }).limit(limit).lean();
      return found.map(({ _id }) => _id);
    },

    async withEndNotice() {
      const found = await Groups.find({ endNoticeDays: trusted({ $exists: true }) }, { _id: 1 })
        .hint(byEndNotice)
        .lean();
      return found.map(({ _id }) => _id);
    },

    rolesOf: (ids) => Groups.distinct('roleIds', { _id: trusted({ $in: ids }) }),

    async takeRole(roleId, at) {
      const updated = { $concat: [timeKey(at), '$_id'] };
      await Groups.updateMany(
        { roleIds: roleId },
        [
          {
            $set: {
              roleIds: { $setDifference: ['$roleIds', [roleId]] },
              updatedAt: at,
              'order.updated': updated,
            },
          },
        ],
        { updatePipeline: true },
      );
    },
  };
}

/** Groups as the claims read them: from memory, kept right by a change stream, so that a token costs one query. */
export function createGroupCache(connection: Connection): WatchedCache<Group> {
  const model = groupModel(connection);
  return createWatchedCache<Group>({
    model,
    load: (ids) => findMany(model, ids),
    idOf: (group) => group.id,
  });
}

async function findMany(Groups: Model<GroupDocument>, ids: string[]): Promise<Group[]> {
  if (ids.length === 0) return [];
  const found = await Groups.find({ _id: trusted({ $in: ids }) }).lean();
  return found.map(toGroup);
}
