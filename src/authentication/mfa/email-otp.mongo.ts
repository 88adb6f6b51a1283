import { trusted, type Connection } from 'mongoose';
import { ensureDocument, factorsModel } from './factors-document.mongo.ts';
import type { MailCodeStore } from './email-otp.ts';

export function createMailCodeStore(connection: Connection): MailCodeStore {
  const Factors = factorsModel(connection);

  return {
    async put(userId, mailCode) {
      await ensureDocument(Factors, userId);
      await Factors.updateOne({ _id: userId }, { $set: { mailCode } });
    },

    async take(userId, at) {
      const filter = {
        _id: userId,
        'mailCode.triesLeft': trusted({ $gt: 0 }),
        'mailCode.expiresAt': trusted({ $gt: at }),
      };
      const found = await Factors.findOneAndUpdate(filter, { $inc: { 'mailCode.triesLeft': -1 } }).lean();
      return found?.mailCode?.encrypted;
    },

    async use(userId, encrypted) {
      const { modifiedCount } = await Factors.updateOne(
        { _id: userId, 'mailCode.encrypted': encrypted },
        { $unset: { mailCode: 1 } },
      );
      return modifiedCount === 1;
    },
  };
}
