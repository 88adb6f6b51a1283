import { Schema, trusted, type Connection, type Model } from 'mongoose';
import { isDuplicateKey } from '../db/connection.mongo.ts';
import { modelOf } from '../db/model.mongo.ts';
import { readPage } from '../db/search.mongo.ts';
import { createWatchedCache, type WatchedCache } from '../db/watched-cache.mongo.ts';
import type { Log } from '../http/log.ts';
import type { Application, ApplicationStore } from './application.ts';

/** The metadata is kept as JSON text: keys that a database would read a meaning into are just text then. */
export type ApplicationDocument = Omit<Application, 'id' | 'metadata'> & { _id: string; metadata: string };

const schema = new Schema<ApplicationDocument>(
  {
    _id: String,
    name: String,
    description: String,
    type: String,
    metadata: String,
    sealedSecret: String,
    adminScopes: [String],
    skipConsent: Boolean,
    requirePkce: Boolean,
    requiresSecondFactor: Boolean,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'applications', versionKey: false, minimize: false },
);

const everyApplication = {
  scans: [{ index: { _id: 1 } as const, head: {}, key: '_id', rest: [] }],
  descending: false,
  isEverything: true,
};

export function applicationModel(connection: Connection): Model<ApplicationDocument> {
  return modelOf(connection, 'Application', schema);
}

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

    async putRegistered({ id, name, type, metadata, sealedSecret, updatedAt, ...onInsert }) {
      const own = { name, type, metadata: JSON.stringify(metadata), updatedAt };
      const secret = sealedSecret ? { $set: { ...own, sealedSecret } } : { $set: own, $unset: { sealedSecret: 1 } };
      const { upsertedCount } = await Applications.updateOne(
        { _id: id },
        { ...secret, $setOnInsert: onInsert },
        { upsert: true },
      );
      return upsertedCount === 1 ? 'inserted' : 'replaced';
    },

    async find(id) {
      const found = await Applications.findOne({ _id: id }).lean();
      return found ? toApplication(found) : undefined;
    },

    list: (page) => readPage(Applications, everyApplication, page, toApplication),

    async replace(application) {
      const { _id, ...replacement } = toDocument(application);
      const { matchedCount } = await Applications.replaceOne({ _id }, replacement);
      return matchedCount === 1;
    },

    async remove(id) {
      const removed = await Applications.findOneAndDelete({ _id: id }).lean();
      return removed ? toApplication(removed) : undefined;
    },
  };
}

/** Applications as the protocol reads them at every request: from memory, kept right by a change stream. */
export function createApplicationCache(connection: Connection, log: Log): WatchedCache<Application> {
  const model = applicationModel(connection);
  return createWatchedCache<Application>({
    collection: model.collection,
    async load(ids) {
      const found = await model.find({ _id: trusted({ $in: ids }) }).lean();
      return found.map(toApplication);
    },
    idOf: ({ id }) => id,
    log,
  });
}

export function toDocument({ id, ...application }: Application): ApplicationDocument {
  return { _id: id, ...application, metadata: JSON.stringify(application.metadata) };
}

export function toApplication({ _id, metadata, ...application }: ApplicationDocument): Application {
  return {
    id: _id,
    ...application,
    metadata: JSON.parse(metadata) as Application['metadata'],
    adminScopes: application.adminScopes ?? [],
    requiresSecondFactor: application.requiresSecondFactor ?? false,
  };
}
