import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import { REMEMBERED_SECONDS } from './known-devices.ts';
import type { Device, DeviceStore } from './known-device.ts';

type DeviceDocument = Omit<Device, 'id'> & { _id: string };

const schema = new Schema<DeviceDocument>(
  { _id: String, userId: String, userAgent: String, address: String, firstSeenAt: Date, lastSeenAt: Date },
  { collection: 'devices', versionKey: false },
);
schema.index({ userId: 1, address: 1 });
schema.index({ lastSeenAt: 1 }, { expireAfterSeconds: REMEMBERED_SECONDS });

export function createDeviceStore(connection: Connection): DeviceStore {
  const Devices = modelOf(connection, 'Device', schema);

  return {
    has: async (id) => (await Devices.exists({ _id: id })) !== null,
    async see(id, address, at) {
      return (await Devices.updateOne({ _id: id }, { $set: { address, lastSeenAt: at } })).matchedCount === 1;
    },
    async hasSimilar({ userId, userAgent, address }) {
      return (await Devices.exists({ userId, userAgent, address })) !== null;
    },
    async add({ id, ...device }) {
      await Devices.updateOne({ _id: id }, { $setOnInsert: device }, { upsert: true });
    },
    async forgetOf(userIds) {
      await Devices.deleteMany({ userId: trusted({ $in: userIds }) });
    },
  };
}
