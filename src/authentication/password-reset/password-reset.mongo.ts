import { Schema, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { RecoveryRequest, RecoveryRequestStore } from './password-reset.ts';

/** No user waits longer for an email; older requests were made while no node ran. */
const KEPT_SECONDS = 24 * 3600;

const schema = new Schema<RecoveryRequest>(
  { username: String, address: String, askedAt: Date, continueAt: String, language: String },
  { collection: 'recovery_requests', versionKey: false },
);
schema.index({ askedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });

export function createRecoveryRequestStore(connection: Connection): RecoveryRequestStore {
  const Requests = modelOf(connection, 'RecoveryRequest', schema);

  return {
    async put(request) {
      await Requests.create(request);
    },
    isEmpty: async () => (await Requests.exists({})) === null,
    async take() {
      const taken = await Requests.findOneAndDelete({}, { sort: { askedAt: 1 } }).lean();
      if (!taken) return undefined;
      const { _id, ...request } = taken;
      return request;
    },
  };
}
