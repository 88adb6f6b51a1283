import { Schema, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { ApplicationLogo, ApplicationLogoStore, LogoImage } from './application-logo.ts';

interface LogoDocument {
  _id: string;
  uri: string;
  checkedAt: Date;
  image?: LogoImage;
}

const image = new Schema<LogoImage>({ type: { type: String }, digest: String, content: Buffer }, { _id: false });

const schema = new Schema<LogoDocument>(
  { _id: String, uri: String, checkedAt: Date, image: { type: image, required: false } },
  { collection: 'application_logos', versionKey: false },
);

export function createApplicationLogoStore(connection: Connection): ApplicationLogoStore {
  const Logos = modelOf(connection, 'ApplicationLogo', schema);

  return {
    async list() {
      const found = await Logos.find({}, { 'image.content': 0 }).lean();
      return found.map(({ _id: clientId, ...logo }) => ({ clientId, ...logo }));
    },

    async look(clientId) {
      const found = await Logos.findOne({ _id: clientId }, { 'image.content': 0 }).lean();
      if (!found) return undefined;
      const { _id: _id, ...logo } = found;
      return { clientId, ...logo };
    },

    async find(clientId) {
      const found = await Logos.findOne({ _id: clientId }).lean();
      return found ? toLogo(found) : undefined;
    },

    async put({ clientId, uri, checkedAt, image: shown }) {
      const known = { uri, checkedAt };
      const update = shown ? { $set: { ...known, image: shown } } : { $set: known, $unset: { image: 1 as const } };
      await Logos.updateOne({ _id: clientId }, update, { upsert: true });
    },

    async remove(clientId) {
      await Logos.deleteOne({ _id: clientId });
    },
  };
}

/** MongoDB gives bytes as its own type. */
function toLogo({ _id: clientId, uri, checkedAt, image: found }: LogoDocument): ApplicationLogo {
  const content = found && Buffer.from((found.content as unknown as { buffer: Uint8Array }).buffer);
  return { clientId, uri, checkedAt, ...(found && content ? { image: { ...found, content } } : {}) };
}
