import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Day, GroupSizes, StatisticsStore } from './statistics.ts';

type DayDocument = Omit<Day, 'date'> & { _id: string };

const days = new Schema<DayDocument>(
  { _id: String, sign_ins: Number, failed_sign_ins: Number, new_customers: Number },
  { collection: 'statistics', versionKey: false },
);
const sizes = new Schema<{ _id: string; groups: GroupSizes['groups'] }>(
  { _id: String, groups: [new Schema({ id: String, members: Number }, { _id: false })] },
  { collection: 'group_sizes', versionKey: false },
);

export function createStatisticsStore(connection: Connection): StatisticsStore {
  const Days = modelOf(connection, 'StatisticsDay', days);
  const Sizes = modelOf(connection, 'GroupSizes', sizes);

  return {
    async add(date, tallies) {
      await Days.updateOne({ _id: date }, { $inc: tallies }, { upsert: true });
    },
    async setNewCustomers(date, count) {
      await Days.updateOne({ _id: date }, { $set: { new_customers: count } }, { upsert: true });
    },
    async days(from) {
      const found = await Days.find({ _id: trusted({ $gte: from }) })
        .sort({ _id: 1 })
        .lean();
      return found.map(({ _id: date, ...day }) => ({ ...day, date }));
    },
    async putGroupSizes({ date, groups }) {
      await Sizes.updateOne({ _id: date }, { $setOnInsert: { groups } }, { upsert: true });
    },
    async groupSizes(from) {
      const found = await Sizes.find({ _id: trusted({ $gte: from }) })
        .sort({ _id: 1 })
        .lean();
      return found.map(({ _id: date, groups }) => ({ date, groups }));
    },
  };
}
