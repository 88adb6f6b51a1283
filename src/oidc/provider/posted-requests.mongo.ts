import { Schema, type Connection } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { PostedRequestStore } from './posted-requests.ts';

interface PostedRequestDocument {
  /** The SHA-256 of what is in the URL. */
  _id: string;
  encrypted: string;
  expiresAt: Date;
}

const schema = new Schema<PostedRequestDocument>(
  { _id: String, encrypted: String, expiresAt: Date },
  { collection: 'oidc_posted_requests', versionKey: false },
);
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

export function createPostedRequestStore(connection: Connection): PostedRequestStore {
  const PostedRequests = modelOf(connection, 'OidcPostedRequest', schema);

  return {
    async insert(id, encrypted, expiresAt) {
      await PostedRequests.create({ _id: id, encrypted, expiresAt });
    },
    async find(id) {
      return (await PostedRequests.findOne({ _id: id }, { _id: 0 }).lean()) ?? undefined;
    },
  };
}
