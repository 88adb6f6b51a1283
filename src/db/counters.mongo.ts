import { Schema, type Connection } from 'mongoose';
import { modelOf } from './model.mongo.ts';

/** The form of the documents is rate-limiter-flexible's. */
interface Counter {
  key: string;
  points: number;
  expire: Date;
}

/**
 * What a limiter of rate-limiter-flexible needs to count in this collection. Left to itself it makes the indexes when it is
 * built and lets nobody wait for them; here they are declared like all others, and are there when the house has started.
 */
export function countersIn(connection: Connection, collection: 'attempts' | 'request_rates') {
  const schema = new Schema<Counter>({ key: String, points: Number, expire: Date }, { collection, versionKey: false });
  schema.index({ expire: -1 }, { expireAfterSeconds: 0 });
  schema.index({ key: 1 }, { unique: true });
  modelOf(connection, collection, schema);
  return {
    storeClient: connection.getClient(),
    dbName: connection.name,
    tableName: collection,
    disableIndexesCreation: true,
  };
}
