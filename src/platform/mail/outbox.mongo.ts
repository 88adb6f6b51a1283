import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../db/model.mongo.ts';
import type { ClaimedLetter, Outbox } from './email.ts';

interface LetterDocument {
  _id: string;
  view: string;
  sealed?: string;
  isBulk: boolean;
  status: 'queued' | 'sending' | 'sent' | 'failed';
  attempt: number;
  /** When it may be claimed: while it is being sent, that is when the sender's time runs out. Absent once it is done. */
  dueAt?: Date;
  postedAt: Date;
  /** Why it did not leave the last time. */
  reason?: string;
  forgetAt?: Date;
}

const schema = new Schema<LetterDocument>(
  {
    _id: String,
    view: String,
    sealed: String,
    isBulk: Boolean,
    status: String,
    attempt: Number,
    dueAt: Date,
    postedAt: Date,
    reason: String,
    forgetAt: Date,
  },
  { collection: 'outbox', versionKey: false },
);
schema.index({ isBulk: 1, dueAt: 1 }, { partialFilterExpression: { dueAt: { $exists: true } } });
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

/** In the hands of a node that died, an email is due again when its time has run out. */
const UNDELIVERED: LetterDocument['status'][] = ['queued', 'sending'];

export function createOutbox(connection: Connection): Outbox {
  const Letters = modelOf(connection, 'Letter', schema);

  return {
    async put(letters) {
      // Not an insert: one that finds the email there would abort the transaction that the caller is in.
      const upserts = letters.map(({ id, postedAt, ...letter }) => ({
        updateOne: {
          filter: { _id: id },
          update: { $setOnInsert: { ...letter, status: 'queued' as const, attempt: 0, postedAt, dueAt: postedAt } },
          upsert: true,
        },
      }));
      await Letters.bulkWrite(upserts);
    },

    async claim(now, until) {
      // Both spelled out, so that the index gives the order.
      const isBulk = trusted({ $in: [false, true] });
      const due = { isBulk, status: trusted({ $in: UNDELIVERED }), dueAt: trusted({ $lte: now }) };
      const claim = { $set: { status: 'sending' as const, dueAt: until }, $inc: { attempt: 1 } };
      const found = await Letters.findOneAndUpdate(due, claim, {
        sort: { isBulk: 1, dueAt: 1 },
        returnDocument: 'after',
      }).lean();
      return found ? toClaimed(found) : undefined;
    },

    async postpone({ id, attempt }, dueAt, reason) {
      await Letters.updateOne({ _id: id, status: 'sending', attempt }, { $set: { status: 'queued', dueAt, reason } });
    },

    async sent({ id }, forgetAt) {
      const gone = { sealed: 1, dueAt: 1, reason: 1 } as const;
      await Letters.updateOne({ _id: id }, { $set: { status: 'sent', forgetAt }, $unset: gone });
    },

    async failed({ id, attempt }, forgetAt, reason) {
      const gone = { sealed: 1, dueAt: 1 } as const;
      await Letters.updateOne({ _id: id, attempt }, { $set: { status: 'failed', forgetAt, reason }, $unset: gone });
    },
  };
}

function toClaimed({ _id, view, sealed = '', isBulk, attempt, postedAt }: LetterDocument): ClaimedLetter {
  return { id: _id, view, sealed, isBulk, attempt, postedAt };
}
