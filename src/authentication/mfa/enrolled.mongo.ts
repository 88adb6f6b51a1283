import type { Connection } from 'mongoose';
import { createDocumentCache } from '../../platform/db/watched-cache.mongo.ts';
import type { Held, HeldStore } from './factor.ts';
import { factorsModel, type FactorsDocument } from './factors-document.mongo.ts';

/** The part of the document that holds what there is one of. */
const singles = new Map([
  ['totp', 'totp'],
  ['recovery_codes', 'recovery'],
]);

export function createHeldStore(connection: Connection): HeldStore {
  const Factors = factorsModel(connection);
  const cache = createDocumentCache<FactorsDocument>(Factors, { absence: true });

  return {
    find: async (userId) => toHeld((await Factors.findOne({ _id: userId }).lean()) ?? undefined),
    findKnown: async (userId) => toHeld(await cache.get(userId)),

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

function toHeld({ totp, passkeys = [], recovery }: Partial<FactorsDocument> = {}): Held {
  return {
    passkeys,
    ...(totp ? { totp: { createdAt: totp.createdAt, lastUsedAt: totp.lastUsedAt } } : {}),
    ...(recovery ? { recoveryCodes: { left: recovery.hashes.length, createdAt: recovery.createdAt } } : {}),
  };
}
