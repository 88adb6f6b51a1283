import { Schema, type Connection } from 'mongoose';
import { newId } from '../../platform/ids.ts';
import { createDueQueue, type Due } from '../../platform/db/due-queue.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { LogoutNotice, LogoutOutbox } from './logout-notice.ts';

const DAY_MS = 24 * 3600 * 1000;

interface NoticeDocument extends LogoutNotice, Due {
  forgetAt: Date;
}

const schema = new Schema<NoticeDocument>(
  { _id: String, userId: String, clientId: String, sid: String, attempt: Number, dueAt: Date, forgetAt: Date },
  { collection: 'logout_notices', versionKey: false },
);
schema.index({ clientId: 1, dueAt: 1 });
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

export function createLogoutOutbox(connection: Connection): LogoutOutbox {
  const Notices = modelOf(connection, 'LogoutNotice', schema);
  const queue = createDueQueue(Notices);

  return {
    async put(notices, at) {
      const forgetAt = new Date(at.getTime() + DAY_MS);
      await Notices.insertMany(notices.map((notice) => ({ _id: newId(), ...notice, attempt: 0, dueAt: at, forgetAt })));
    },

    clientIds: () => Notices.distinct('clientId'),

    async claim(clientId, now, until) {
      const found = await queue.claim({ clientId }, now, until);
      if (!found) return undefined;
      const { _id: id, userId, sid, attempt } = found;
      return { id, userId, clientId, sid, attempt };
    },

    postpone: queue.postpone,
    remove: queue.remove,
  };
}
