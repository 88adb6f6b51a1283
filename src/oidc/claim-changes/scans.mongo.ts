import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { grantsOf, type Scan, type ScanStore } from './scan.ts';

interface ScanDocument {
  _id: string;
  what: Scan['what'];
  after: string;
  /** Counts up when it begins again. */
  round: number;
  startedAt: Date;
  /** Kept for what is looked for once. */
  isDone: boolean;
}

const schema = new Schema<ScanDocument>(
  { _id: String, what: Schema.Types.Mixed, after: String, round: Number, startedAt: Date, isDone: Boolean },
  { collection: 'claim_change_scans', versionKey: false },
);
schema.index({ isDone: 1, startedAt: 1 });

export function createScanStore(connection: Connection): ScanStore {
  const Scans = modelOf(connection, 'ClaimChangeScan', schema);
  const rounds = new WeakMap<Scan, number>();
  const same = (scan: Scan) => ({ _id: scan.id, round: rounds.get(scan)! });

  return {
    async add(scans) {
      for (const { id, what } of scans)
        await Scans.updateOne(
          { _id: id },
          { $set: { what, after: '', isDone: false }, $inc: { round: 1 }, $currentDate: { startedAt: true } },
          { upsert: true },
        );
    },

    async next() {
      const found = await Scans.findOne({ isDone: false }).sort({ startedAt: 1 }).lean();
      if (!found) return undefined;
      const scan = { id: found._id, what: found.what, after: found.after };
      rounds.set(scan, found.round);
      return scan;
    },

    async advance(scan, after) {
      // Another one has its turn next.
      await Scans.updateOne(same(scan), { $set: { after }, $currentDate: { startedAt: true } });
    },

    async finish(scan) {
      if (scan.what.kind === 'grants') await Scans.updateOne(same(scan), { $set: { isDone: true } });
      else await Scans.deleteOne(same(scan));
    },

    async unseeded(clientIds) {
      const ids = clientIds.map((clientId) => grantsOf(clientId).id);
      const known = new Set(await Scans.distinct('_id', { _id: trusted({ $in: ids }) }));
      return clientIds.filter((clientId) => !known.has(grantsOf(clientId).id));
    },

    async forgetApplication(clientId) {
      await Scans.deleteMany({ 'what.clientId': clientId });
    },
  };
}
