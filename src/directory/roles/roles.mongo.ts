import { Schema, trusted, type Connection, type Model } from 'mongoose';
import { nameKey } from '../../platform/names.ts';
import { beginningWith } from '../../platform/sort-keys.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { readPage, SMALL, type Scan, type Search } from '../../platform/db/search.mongo.ts';
import { createWatchedCache, type WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Role, RoleCriteria, RoleStore } from './role.ts';

export type RoleDocument = Omit<Role, 'id'> & { _id: string; nameKey: string };

const schema = new Schema<RoleDocument>(
  {
    _id: String,
    name: String,
    nameKey: String,
    description: String,
    requiresSecondFactor: Boolean,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'roles', versionKey: false },
);
schema.index({ nameKey: 1 }, { unique: true });

function planRoleSearch({ q, visible }: RoleCriteria): Search {
  const byId = visible && { _id: { $in: [...visible] } };
  const isFew = visible !== undefined && visible.size <= SMALL;
  const scan: Scan = {
    index: isFew ? { _id: 1 } : { nameKey: 1 },
    head: (isFew && byId) || {},
    key: 'nameKey',
    rest: byId && !isFew ? [byId] : [],
    isSmall: isFew,
    ...(q ? { range: beginningWith(nameKey(q)) } : {}),
  };
  return { scans: [scan], descending: false, isEverything: !q && !visible };
}

export function roleModel(connection: Connection): Model<RoleDocument> {
  return modelOf(connection, 'Role', schema);
}

export function createRoleStore(connection: Connection): RoleStore {
  const Roles = roleModel(connection);

  return {
    async insert(role) {
      try {
        await Roles.create(toDocument(role));
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async find(id) {
      const found = await Roles.findOne({ _id: id }).lean();
      return found ? toRole(found) : undefined;
    },

    findMany: (ids) => findMany(Roles, ids),

    list: (criteria, page) => readPage(Roles, planRoleSearch(criteria), page, toRole),

    async update(id, { name, description, requires_second_factor: requiresSecondFactor }, at) {
      const set = {
        ...(name === undefined ? {} : { name, nameKey: nameKey(name) }),
        ...(description === undefined ? {} : { description }),
        ...(requiresSecondFactor === undefined ? {} : { requiresSecondFactor }),
        updatedAt: at,
      };
      try {
        const updated = await Roles.findOneAndUpdate({ _id: id }, { $set: set }, { returnDocument: 'after' }).lean();
        return updated ? toRole(updated) : 'missing';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async remove(id) {
      const removed = await Roles.findOneAndDelete({ _id: id }).lean();
      return removed ? toRole(removed) : undefined;
    },
  };
}

/** Roles as the claims read them: from memory, kept right by a change stream. */
export function createRoleCache(connection: Connection): WatchedCache<Role> {
  const model = roleModel(connection);
  return createWatchedCache<Role>({
    model,
    load: (ids) => findMany(model, ids),
    idOf: (role) => role.id,
  });
}

async function findMany(Roles: Model<RoleDocument>, ids: string[]): Promise<Role[]> {
  if (ids.length === 0) return [];
  const found = await Roles.find({ _id: trusted({ $in: ids }) }).lean();
  return found.map(toRole);
}

export function toDocument({ id, ...role }: Role): RoleDocument {
  return { _id: id, ...role, nameKey: nameKey(role.name) };
}

export function toRole({ _id, nameKey: _key, ...role }: RoleDocument): Role {
  return { id: _id, ...role, requiresSecondFactor: role.requiresSecondFactor ?? false };
}
