import { Schema, type Connection } from 'mongoose';
import { modelOf } from './model.mongo.ts';

const schema = new Schema({ _id: String, turn: Number }, { collection: 'locks', versionKey: false });

/** In a transaction: lets no other transaction that takes the same turn commit beside it, so that what both look at stays true. */
export function createTurns(connection: Connection) {
  const Locks = modelOf(connection, 'Lock', schema);
  return async (name: string): Promise<void> => {
    await Locks.findOneAndUpdate({ _id: name }, { $inc: { turn: 1 } }, { upsert: true });
  };
}
