import { trusted, type Connection } from 'mongoose';
import { timeKey, wordKey } from '../../platform/sort-keys.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { readPage } from '../../platform/db/search.mongo.ts';
import { createWatchedCache, type WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import {
  applicationModel,
  logoOf,
  planApplicationSearch,
  toApplication,
  toDocument,
  wantingSignals,
} from './application-document.mongo.ts';
import type { Application } from './application.ts';
import type { RenamedGroups } from './claim-policy.ts';
import type { ApplicationStore } from './application-store.ts';

export function createApplicationStore(connection: Connection): ApplicationStore {
  const Applications = applicationModel(connection);

  return {
    async insert(application) {
      try {
        await Applications.create(toDocument(application));
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async putRegistered({ id, name, type, metadata, encryptedSecret, updatedAt, ...onInsert }) {
      const own = { name, type, metadata: JSON.stringify(metadata), updatedAt, 'order.name': wordKey([name], id) };
      const logo = logoOf(metadata);
      const set = { ...own, ...logo, ...(encryptedSecret ? { encryptedSecret } : {}) };
      const unset = { ...(encryptedSecret ? {} : { encryptedSecret: 1 }), ...(logo.logoUri ? {} : { logoUri: 1 }) };
      const { upsertedCount } = await Applications.updateOne(
        { _id: id },
        { $set: set, $unset: unset, $setOnInsert: { ...onInsert, 'order.created': timeKey(onInsert.createdAt, id) } },
        { upsert: true },
      );
      return upsertedCount === 1 ? 'inserted' : 'replaced';
    },

    async find(id) {
      const found = await Applications.findOne({ _id: id }).lean();
      return found ? toApplication(found) : undefined;
    },

    search: (criteria, page) => readPage(Applications, planApplicationSearch(criteria), page, toApplication),

    async replace(application) {
      const { _id, ...replacement } = toDocument(application);
      const { matchedCount } = await Applications.replaceOne({ _id }, replacement);
      return matchedCount === 1;
    },

    async remove(id) {
      const removed = await Applications.findOneAndDelete({ _id: id }).lean();
      return removed ? toApplication(removed) : undefined;
    },

    async withLogos() {
      const found = await Applications.find({ logoUri: trusted({ $exists: true }) }, { logoUri: 1 }).lean();
      return found.flatMap(({ _id: id, logoUri: uri }) => (uri === undefined ? [] : [{ id, uri }]));
    },

    async withGroup(groupId, limit) {
      const found = await Applications.find({
        $or: [{ 'claimPolicy.groupIds': groupId }, { 'access.groupIds': groupId }],
      })
        .sort({ 'order.name': 1 })
        .limit(limit)
        .lean();
      return found.map(toApplication);
    },

    withSignals: () => Applications.distinct('_id', wantingSignals),

    async withFormerNames(limit) {
      const wanted: RenamedGroups[] = ['former', 'both'];
      const found = await Applications.find({ 'claimPolicy.renamedGroups': trusted({ $in: wanted }) })
        .sort({ 'order.name': 1 })
        .limit(limit)
        .lean();
      return found.map(toApplication);
    },

    async withEndedFormerNames(at, limit) {
      const ended = { 'claimPolicy.renamedGroupsUntil': trusted({ $lte: at }) };
      const found = await Applications.find(ended).limit(limit).lean();
      return found.map(toApplication);
    },

    async takeGroup(groupId, at) {
      for (const named of [{ 'claimPolicy.groupIds': groupId }, { 'access.groupIds': groupId }])
        await Applications.updateMany(named, { $pull: named, $set: { updatedAt: at } });
    },
  };
}

/** Applications as the protocol reads them at every request: from memory, kept right by a change stream. */
export function createApplicationCache(connection: Connection): WatchedCache<Application> {
  const model = applicationModel(connection);
  return createWatchedCache<Application>({
    model,
    async load(ids) {
      const found = await model.find({ _id: trusted({ $in: ids }) }).lean();
      return found.map(toApplication);
    },
    idOf: ({ id }) => id,
  });
}
