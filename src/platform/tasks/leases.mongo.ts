import { Schema, trusted, type Connection } from 'mongoose';
import { isDuplicateKey } from '../db/connection.mongo.ts';
import { modelOf } from '../db/model.mongo.ts';
import type { Leases } from './tasks.ts';

const schema = new Schema<{ _id: string; holder: string; until: Date }>(
  { _id: String, holder: String, until: Date },
  { collection: 'leases', versionKey: false },
);

export function createLeases(connection: Connection): Leases {
  const Held = modelOf(connection, 'Lease', schema);

  return {
    async take(name, holder, now, until) {
      try {
        const free = { _id: name, $or: [{ holder }, { until: trusted({ $lt: now }) }] };
        await Held.findOneAndUpdate(free, { $set: { holder, until } }, { upsert: true });
        return true;
      } catch (error) {
        // Held by someone else, so the upsert tried to insert a second one.
        if (isDuplicateKey(error)) return false;
        throw error;
      }
    },

    async giveBack(name, holder) {
      await Held.deleteOne({ _id: name, holder });
    },
  };
}
