import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { PendingRegistration, RegistrationStore, TermsStore } from './registration.ts';

/** `isUnanswered` is there, and in its index, only until the email is written. */
type PendingDocument = Omit<PendingRegistration, 'id'> & { _id: string; isUnanswered?: true };

const schema = new Schema<PendingDocument>(
  {
    _id: String,
    username: String,
    firstName: String,
    lastName: String,
    passwordHash: String,
    terms: String,
    continueAt: String,
    language: String,
    askedAt: Date,
    expiresAt: Date,
    isUnanswered: Boolean,
  },
  { collection: 'pending_registrations', versionKey: false },
);
schema.index({ isUnanswered: 1, askedAt: 1 }, { partialFilterExpression: { isUnanswered: true } });
schema.index({ username: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const termsSchema = new Schema<{ _id: string; terms: string; agreedAt: Date }>(
  { _id: String, terms: String, agreedAt: Date },
  { collection: 'terms_agreements', versionKey: false },
);

export function createRegistrationStore(connection: Connection): RegistrationStore {
  const Pending = modelOf(connection, 'PendingRegistration', schema);

  return {
    async insert({ id, ...pending }) {
      await Pending.create({ _id: id, ...pending, isUnanswered: true });
    },

    hasUnanswered: async () => (await Pending.exists({ isUnanswered: true })) !== null,

    async takeUnanswered() {
      const taken = { $unset: { isUnanswered: 1 } } as const;
      return toPending(await Pending.findOneAndUpdate({ isUnanswered: true }, taken, { sort: { askedAt: 1 } }).lean());
    },

    async find(id, now) {
      return toPending(await Pending.findOne({ _id: id, expiresAt: trusted({ $gt: now }) }).lean());
    },

    async removeOfAddress(username) {
      const found = await Pending.find({ username }, { _id: 1 }).lean();
      const ids = found.map(({ _id }) => _id);
      await Pending.deleteMany({ _id: trusted({ $in: ids }) });
      return ids;
    },

    async remove(id) {
      await Pending.deleteOne({ _id: id });
    },
  };
}

export function createTermsStore(connection: Connection): TermsStore {
  const Agreements = modelOf(connection, 'TermsAgreement', termsSchema);
  return {
    async put(userId, agreement) {
      await Agreements.updateOne({ _id: userId }, { $set: agreement }, { upsert: true });
    },
    async find(userId) {
      const found = await Agreements.findOne({ _id: userId }).lean();
      return found ? { terms: found.terms, agreedAt: found.agreedAt } : undefined;
    },
    async removeOf(userId) {
      await Agreements.deleteOne({ _id: userId });
    },
  };
}

function toPending(found: PendingDocument | null): PendingRegistration | undefined {
  if (!found) return undefined;
  const { _id, isUnanswered: _isUnanswered, ...pending } = found;
  return { id: _id, ...pending };
}
