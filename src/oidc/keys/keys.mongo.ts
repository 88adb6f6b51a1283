import { Schema, trusted, type Connection } from 'mongoose';
import type { JWK } from 'jose';
import type { Boxes } from '../../platform/encryption.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { createWatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Key, KeyStore } from './key.ts';

type KeyDocument = Omit<Key, 'id' | 'secret'> & { _id: string; sealed: string };

const schema = new Schema<KeyDocument>(
  { _id: String, use: String, generation: Number, sealed: String, signsFrom: Date, verifiesUntil: Date },
  { collection: 'keys', versionKey: false },
);
schema.index({ use: 1, generation: 1 }, { unique: true });

export function createKeyStore(connection: Connection, boxes: Boxes, log: Log): KeyStore {
  const Keys = modelOf(connection, 'Key', schema);
  const changes = createWatchedCache<Key>({
    collection: Keys.collection,
    load: async () => [],
    idOf: ({ id }) => id,
    log,
  });

  return {
    async list() {
      const found = await Keys.find().lean();
      return found.map(({ _id, sealed, ...key }) => ({
        id: _id,
        ...key,
        secret: JSON.parse(boxes.open(purposeOf(_id), sealed)) as JWK,
      }));
    },

    async insert({ id, secret, ...key }) {
      try {
        await Keys.create({ _id: id, ...key, sealed: boxes.seal(purposeOf(id), JSON.stringify(secret)) });
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async setVerifiesUntil(id, until) {
      await Keys.updateOne({ _id: id, verifiesUntil: trusted({ $exists: false }) }, { $set: { verifiesUntil: until } });
    },

    async removeExpired(now) {
      await Keys.deleteMany({ verifiesUntil: trusted({ $lt: now }) });
    },

    async reseal() {
      for (const { _id, sealed } of await Keys.find().lean()) {
        if (!boxes.isStale(sealed)) continue;
        const fresh = boxes.seal(purposeOf(_id), boxes.open(purposeOf(_id), sealed));
        await Keys.updateOne({ _id, sealed }, { $set: { sealed: fresh } });
      }
    },

    watch(listener) {
      changes.onChange(listener);
      return changes.start();
    },

    stop: () => changes.stop(),
  };
}

function purposeOf(id: string): string {
  return `key:${id}`;
}
