import { Schema, trusted, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Link, LinkStore } from './links.ts';

type LinkDocument = Link & { _id: string; forgetAt?: Date };

const schema = new Schema<LinkDocument>(
  {
    _id: String,
    purpose: String,
    subject: String,
    mark: Number,
    by: String,
    madeAt: Date,
    expiresAt: Date,
    openedAt: Date,
    usedAt: Date,
    revokedAt: Date,
    continueAt: String,
    forgetAt: Date,
  },
  { collection: 'links', versionKey: false },
);
schema.index({ subject: 1, purpose: 1, madeAt: -1 });
schema.index({ forgetAt: 1 }, { expireAfterSeconds: 0 });

const absent = () => trusted({ $exists: false });

export function createLinkStore(connection: Connection): LinkStore {
  const Links = modelOf(connection, 'Link', schema);
  const usable = (at: Date) => ({ usedAt: absent(), revokedAt: absent(), expiresAt: trusted({ $gt: at }) });

  return {
    async insert(id, link, forgetAt) {
      await Links.create({ _id: id, ...link, ...(forgetAt ? { forgetAt } : {}) });
    },

    async find(purpose, id) {
      return toLink(await Links.findOne({ _id: id, purpose }).lean());
    },

    async latest(purpose, subject) {
      return toLink(await Links.findOne({ purpose, subject }).sort({ madeAt: -1 }).lean());
    },

    async noteOpened(purpose, id, at) {
      const { modifiedCount } = await Links.updateOne(
        { _id: id, purpose, openedAt: absent(), ...usable(at) },
        { $set: { openedAt: at } },
      );
      return modifiedCount === 1;
    },

    async use(purpose, id, at) {
      const filter = { _id: id, purpose, ...usable(at) };
      return toLink(await Links.findOneAndUpdate(filter, { $set: { usedAt: at } }, { returnDocument: 'after' }).lean());
    },

    async revoke(purpose, subjects, at) {
      const filter = { purpose, subject: trusted({ $in: subjects }), usedAt: absent(), revokedAt: absent() };
      return (await Links.updateMany(filter, { $set: { revokedAt: at } })).modifiedCount;
    },

    async removeOf(subject) {
      await Links.deleteMany({ subject });
    },
  };
}

function toLink(found: LinkDocument | null): Link | undefined {
  if (!found) return undefined;
  const { _id: _, forgetAt: _forgetAt, ...link } = found;
  return link;
}
