import { Schema, trusted, type Connection } from 'mongoose';
import { createDeferredWrites } from '../../platform/db/deferred-writes.mongo.ts';
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

/** A device as it is stored in a moment: with `device` if it is new. */
interface Seen extends Pick<Device, 'address' | 'lastSeenAt'> {
  device?: Omit<Device, 'id'>;
}

const STORED_MS = 1000;

export function createDeviceStore(connection: Connection): DeviceStore {
  const Devices = modelOf(connection, 'Device', schema);
  const soon = createDeferredWrites<Seen>(connection, {
    withinMs: STORED_MS,
    write: (entries) =>
      Devices.collection.bulkWrite(
        [...entries].map(([id, { device, ...seen }]) => ({
          updateOne: {
            filter: { _id: id as never },
            update: device ? { $setOnInsert: device } : { $set: seen },
            upsert: device !== undefined,
          },
        })),
      ),
  });

  return {
    has: async (id) => soon.has(id) || (await Devices.exists({ _id: id })) !== null,
    note: (id, address, lastSeenAt) => soon.put(id, { address, lastSeenAt }),
    async see(id, address, at) {
      return (await Devices.updateOne({ _id: id }, { $set: { address, lastSeenAt: at } })).matchedCount === 1;
    },
    async hasSimilar({ userId, userAgent, address }) {
      return (await Devices.exists({ userId, userAgent, address })) !== null;
    },
    async add({ id, ...device }) {
      await Devices.updateOne({ _id: id }, { $setOnInsert: device }, { upsert: true });
    },
    addSoon: ({ id, ...device }) => soon.put(id, { device, address: device.address, lastSeenAt: device.lastSeenAt }),
    async forgetOf(userIds) {
      soon.drop(({ device }) => device !== undefined && userIds.includes(device.userId));
      await Devices.deleteMany({ userId: trusted({ $in: userIds }) });
    },
  };
}
