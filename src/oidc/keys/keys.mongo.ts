import { Schema, trusted, type Connection } from 'mongoose';
import type { JWK } from 'jose';
import type { Encryption } from '../../platform/encryption.ts';
import { changesOf } from '../../platform/db/change-feed.mongo.ts';
import { isDuplicateKey } from '../../platform/db/connection.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Key, KeyStore } from './key.ts';

type KeyDocument = Omit<Key, 'id' | 'secret'> & { _id: string; encrypted: string };

const schema = new Schema<KeyDocument>(
  { _id: String, use: String, generation: Number, encrypted: String, signsFrom: Date, verifiesUntil: Date },
  { collection: 'keys', versionKey: false },
);
schema.index({ use: 1, generation: 1 }, { unique: true });

export function createKeyStore(connection: Connection, encryption: Encryption): KeyStore {
  const Keys = modelOf(connection, 'Key', schema);
  return {
    async list() {
      const found = await Keys.find().lean();
      return found.map(({ _id, encrypted, ...key }) => ({
        id: _id,
        ...key,
        secret: JSON.parse(encryption.decrypt(purposeOf(_id), encrypted)) as JWK,
      }));
    },

    async insert({ id, secret, ...key }) {
      try {
        await Keys.create({ _id: id, ...key, encrypted: encryption.encrypt(purposeOf(id), JSON.stringify(secret)) });
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

    async reencrypt() {
      for (const { _id, encrypted } of await Keys.find().lean()) {
        if (!encryption.isStale(encrypted)) continue;
        const fresh = encryption.encrypt(purposeOf(_id), encryption.decrypt(purposeOf(_id), encrypted));
        await Keys.updateOne({ _id, encrypted }, { $set: { encrypted: fresh } });
      }
    },

    watch(listener) {
      const follower = { onChange: listener, onGap: listener, inserts: true };
      changesOf(connection).follow(Keys.collection.name, follower);
    },
  };
}

function purposeOf(id: string): string {
  return `key:${id}`;
}
