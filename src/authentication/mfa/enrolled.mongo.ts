import type { Connection } from 'mongoose';
import type { HeldStore } from './factor.ts';
import { factorsModel } from './factors-document.mongo.ts';

/** The part of the document that holds what there is one of. */
const singles = new Map([
  ['totp', 'totp'],
  ['recovery_codes', 'recovery'],
]);

export function createHeldStore(connection: Connection): HeldStore {
  const Factors = factorsModel(connection);

  return {
    async find(userId) {
      const found = await Factors.findOne({ _id: userId }).lean();
      const { totp, passkeys = [], recovery } = found ?? {};
      return {
        passkeys,
        ...(totp ? { totp: { createdAt: totp.createdAt, lastUsedAt: totp.lastUsedAt } } : {}),
        ...(recovery ? { recoveryCodes: { left: recovery.hashes.length, createdAt: recovery.createdAt } } : {}),
      };
    },

    async remove(userId, factorId) {
      const { modifiedCount } = singles.has(factorId)
        ? await Factors.updateOne({ _id: userId }, { $unset: { [singles.get(factorId)!]: 1 } })
        : await Factors.updateOne({ _id: userId, 'passkeys.id': factorId }, { $pull: { passkeys: { id: factorId } } });
      return modifiedCount === 1;
    },

    async removeAll(userId) {
      await Factors.deleteOne({ _id: userId });
    },
  };
}
