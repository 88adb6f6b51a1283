import { trusted, type Connection } from 'mongoose';
import { ensureDocument, factorsModel } from './factors-document.mongo.ts';
import type { TotpStore } from './totp.ts';

export function createTotpStore(connection: Connection): TotpStore {
  const Factors = factorsModel(connection);

  return {
    async find(userId) {
      return (await Factors.findOne({ _id: userId }, { totp: 1 }).lean())?.totp;
    },

    async insert(userId, totp, at) {
      await ensureDocument(Factors, userId);
      const { modifiedCount } = await Factors.updateOne(
        { _id: userId, totp: trusted({ $exists: false }) },
        { $set: { totp: { ...totp, createdAt: at, lastUsedAt: at } } },
      );
      return modifiedCount === 1;
    },

    async useStep(userId, step, at) {
      const { modifiedCount } = await Factors.updateOne(
        { _id: userId, 'totp.lastStep': trusted({ $lt: step }) },
        { $set: { 'totp.lastStep': step, 'totp.lastUsedAt': at } },
      );
      return modifiedCount === 1;
    },

    async reencrypt(userId, from, to) {
      await Factors.updateOne({ _id: userId, 'totp.encrypted': from }, { $set: { 'totp.encrypted': to } });
    },
  };
}
