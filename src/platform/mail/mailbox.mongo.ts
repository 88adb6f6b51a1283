import { Schema, type Connection } from 'mongoose';
import { modelOf } from '../db/model.mongo.ts';
import type { WrittenLetter } from './email.ts';
import type { MailboxStore } from './mailbox.ts';

type MailDocument = Omit<WrittenLetter, 'id'> & { _id: string };

const SHOWN = 100;
const KEPT_SECONDS = 7 * 24 * 3600;

const schema = new Schema<MailDocument>(
  { _id: String, messageId: String, postedAt: Date, to: String, subject: String, text: String, html: String },
  { collection: 'mailbox', versionKey: false },
);
schema.index({ postedAt: 1 }, { expireAfterSeconds: KEPT_SECONDS });

export function createMailboxStore(connection: Connection): MailboxStore {
  const Mails = modelOf(connection, 'Mail', schema);

  return {
    async put({ id, ...letter }) {
      await Mails.replaceOne({ _id: id }, letter, { upsert: true });
    },

    async list() {
      return (await Mails.find().sort({ postedAt: -1, _id: 1 }).limit(SHOWN).lean()).map(toLetter);
    },

    async find(id) {
      const found = await Mails.findOne({ _id: id }).lean();
      return found ? toLetter(found) : undefined;
    },
  };
}

function toLetter({ _id, ...letter }: MailDocument): WrittenLetter {
  return { id: _id, ...letter };
}
