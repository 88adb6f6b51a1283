import { Schema, type Connection } from 'mongoose';
import { changeByDatabaseClock, inMs, NOW } from '../db/clocked.mongo.ts';
import { modelOf } from '../db/model.mongo.ts';
import type { Leases } from './leases.ts';

interface LeaseDocument {
  _id: string;
  holder: string;
  until: Date;
}

const schema = new Schema<LeaseDocument>(
  { _id: String, holder: String, until: Date },
  { collection: 'leases', versionKey: false },
);

export function createLeases(connection: Connection): Leases {
  const Held = modelOf(connection, 'Lease', schema);

  return {
    async take(name, holder, forMs) {
      const me = { $literal: holder };
      // A lease that is new has no end yet, and nothing is less than any time.
      const isFree = { $or: [{ $eq: ['$holder', me] }, { $lte: ['$until', NOW] }] };
      const held = await changeByDatabaseClock(Held, { _id: name }, [
        {
          $set: {
            holder: { $cond: [isFree, me, '$holder'] },
            until: { $cond: [isFree, inMs(forMs), '$until'] },
          },
        },
      ]);
      return held.holder === holder;
    },

    async giveBack(name, holder) {
      await Held.deleteOne({ _id: name, holder });
    },
  };
}
