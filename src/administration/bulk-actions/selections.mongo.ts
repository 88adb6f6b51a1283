import { Schema, type Connection } from 'mongoose';
import type { Clock } from '../../platform/clock.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { SelectionStore } from './selection.ts';

const KEPT_MS = 60 * 24 * 3600 * 1000;

const schema = new Schema<{ _id: string; ids: string[]; expiresAt: Date }>(
  { _id: String, ids: [String], expiresAt: Date },
  { collection: 'job_selections', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function createSelectionStore(connection: Connection, now: Clock): SelectionStore {
  const Portions = modelOf(connection, 'JobSelection', schema);
  const idOf = (jobId: string, portion: number) => `${jobId}:${portion}`;

  return {
    async put(jobId, portion, ids) {
      await Portions.create({ _id: idOf(jobId, portion), ids, expiresAt: new Date(now().getTime() + KEPT_MS) });
    },

    async get(jobId, portion) {
      const found = await Portions.findOne({ _id: idOf(jobId, portion) }).lean();
      return found?.ids ?? [];
    },
  };
}
