import { Schema, trusted, type Connection } from 'mongoose';
import { createDueQueue, type Due } from '../../platform/db/due-queue.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Encryption } from '../../platform/encryption.ts';
import { newId } from '../../platform/ids.ts';
import type { ClaimedPing, Ping, PingOutbox } from './ping.ts';

interface PingDocument extends Omit<Ping, 'authReqId'>, Due {
  /** The `auth_req_id`, which is a credential. */
  encrypted: string;
}

const schema = new Schema<PingDocument>(
  { _id: String, clientId: String, encrypted: String, attempt: Number, dueAt: Date, expiresAt: Date },
  { collection: 'ciba_pings', versionKey: false },
);
schema.index({ dueAt: 1 });
schema.index({ clientId: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const purposeOf = (id: string) => `ciba_ping:${id}`;

export function createPingOutbox(connection: Connection, encryption: Encryption): PingOutbox {
  const Pings = modelOf(connection, 'CibaPing', schema);
  const queue = createDueQueue(Pings);

  return {
    async put({ authReqId, ...ping }, dueAt) {
      const id = newId();
      const encrypted = encryption.encrypt(purposeOf(id), authReqId);
      await Pings.create({ _id: id, ...ping, encrypted, attempt: 0, dueAt });
    },

    async claim(now, until): Promise<ClaimedPing | undefined> {
      const found = await queue.claim({ expiresAt: trusted({ $gt: now }) }, now, until);
      if (!found) return undefined;
      const { _id: id, clientId, encrypted, attempt, expiresAt } = found;
      return { id, clientId, authReqId: encryption.decrypt(purposeOf(id), encrypted), attempt, expiresAt };
    },

    postpone: queue.postpone,
    remove: queue.remove,

    async removeOfApplication(clientId) {
      await Pings.deleteMany({ clientId });
    },
  };
}
