import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { RememberedDevice, RememberedDeviceStore } from './trusted-devices.ts';

/** `_id` is the SHA-256 of what the browser keeps. */
type DeviceDocument = Omit<RememberedDevice, 'id'> & { _id: string; deviceId: string };

const schema = new Schema<DeviceDocument>(
  {
    _id: String,
    deviceId: String,
    userId: String,
    mark: Number,
    userAgent: String,
    address: String,
    createdAt: Date,
    expiresAt: Date,
    lastUsedAt: Date,
  },
  { collection: 'remembered_devices', versionKey: false },
);
schema.index({ userId: 1, createdAt: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function createRememberedDeviceStore(connection: Connection): RememberedDeviceStore {
  const Devices = modelOf(connection, 'RememberedDevice', schema);

  return {
    async insert(hash, { id, ...device }) {
      await Devices.create({ _id: hash, deviceId: id, ...device });
    },

    async see(hash, { userId, mark }, at) {
      const filter = { _id: hash, userId, mark, expiresAt: trusted({ $gt: at }) };
      return (await Devices.updateOne(filter, { $set: { lastUsedAt: at } })).matchedCount === 1;
    },

    async list(userId, at) {
      const found = await Devices.find({ userId, expiresAt: trusted({ $gt: at }) })
        .sort({ createdAt: 1 })
        .lean();
      return found.map(({ _id, deviceId, ...device }) => ({ id: deviceId, ...device }));
    },

    remove: async (userId, id) => (await Devices.deleteOne({ userId, deviceId: id })).deletedCount === 1,

    async removeOf(userIds) {
      await Devices.deleteMany({ userId: trusted({ $in: userIds }) });
    },
  };
}
