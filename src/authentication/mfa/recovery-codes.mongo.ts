import type { Connection } from 'mongoose';
import { ensureDocument, factorsModel } from './factors-document.mongo.ts';
import type { RecoveryCodeStore } from './recovery-codes.ts';

export function createRecoveryCodeStore(connection: Connection): RecoveryCodeStore {
  const Factors = factorsModel(connection);

  return {
    async replace(userId, hashes, at) {
      await ensureDocument(Factors, userId);
      await Factors.updateOne({ _id: userId }, { $set: { recovery: { hashes, createdAt: at } } });
    },

    async use(userId, hash) {
      const left = await Factors.findOneAndUpdate(
        { _id: userId, 'recovery.hashes': hash },
        { $pull: { 'recovery.hashes': hash } },
        { returnDocument: 'after', projection: { recovery: 1 } },
      ).lean();
      return left?.recovery?.hashes.length;
    },
  };
}
