import { trusted, type Connection } from 'mongoose';
import { ensureDocument, factorsModel } from './factors-document.mongo.ts';
import type { PasskeyStore } from './passkeys.ts';

export function createPasskeyStore(connection: Connection): PasskeyStore {
  const Factors = factorsModel(connection);

  return {
    async list(userId) {
      return (await Factors.findOne({ _id: userId }, { passkeys: 1 }).lean())?.passkeys ?? [];
    },

    async findByCredential(credentialId) {
      const found = await Factors.findOne({ 'passkeys.credentialId': credentialId }, { passkeys: 1 }).lean();
      const passkey = found?.passkeys?.find((each) => each.credentialId === credentialId);
      return found && passkey ? { userId: found._id, passkey } : undefined;
    },

    async add(userId, passkey, most) {
      await ensureDocument(Factors, userId);
      const { modifiedCount } = await Factors.updateOne(
        {
          _id: userId,
          [`passkeys.${most - 1}`]: trusted({ $exists: false }),
          // The unique index does not look at one document's own elements.
          'passkeys.credentialId': trusted({ $ne: passkey.credentialId }),
        },
        { $push: { passkeys: passkey } },
      );
      return modifiedCount === 1;
    },

    async noteUse(userId, { id, counter }, after) {
      const { modifiedCount } = await Factors.updateOne(
        { _id: userId, passkeys: trusted({ $elemMatch: { id, counter } }) },
        {
          $set: {
            'passkeys.$.counter': after.counter,
            'passkeys.$.isBackedUp': after.isBackedUp,
            'passkeys.$.lastUsedAt': after.at,
          },
        },
      );
      return modifiedCount === 1;
    },

    async rename(userId, id, name) {
      const filter = { _id: userId, 'passkeys.id': id };
      const { matchedCount, modifiedCount } = await Factors.updateOne(filter, { $set: { 'passkeys.$.name': name } });
      if (matchedCount === 0) return 'missing';
      return modifiedCount === 0 ? 'unchanged' : 'renamed';
    },
  };
}
