import { Schema, type Connection, type Model } from 'mongoose';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Consent, ConsentStore } from './consent.ts';

interface ConsentDocument {
  _id: string;
  userId: string;
  clientId: string;
  scopes: string[];
  claims: string[];
  /** A list and not a map: an API's address holds dots, which are paths to MongoDB. */
  resources: { resource: string; scope: string }[];
  updatedAt: Date;
}

const schema = new Schema<ConsentDocument>(
  {
    _id: String,
    userId: String,
    clientId: String,
    scopes: [String],
    claims: [String],
    resources: [new Schema({ resource: String, scope: String }, { _id: false })],
    updatedAt: Date,
  },
  { collection: 'consents', versionKey: false },
);
schema.index({ userId: 1 });
schema.index({ clientId: 1 });
schema.index({ scopes: 1, clientId: 1 });

export function consentModel(connection: Connection): Model<ConsentDocument> {
  return modelOf(connection, 'Consent', schema);
}

export function createConsentStore(connection: Connection): ConsentStore {
  const Consents = consentModel(connection);

  return {
    async find(userId, clientId) {
      const found = await Consents.findOne({ _id: idOf(userId, clientId) }).lean();
      if (!found) return undefined;
      const resources: Consent['resources'] = {};
      for (const { resource, scope } of found.resources) (resources[resource] ??= []).push(scope);
      return { userId, clientId, scopes: found.scopes, claims: found.claims, resources };
    },

    async add({ userId, clientId, scopes, claims, resources }, at) {
      const pairs = Object.entries(resources).flatMap(([resource, list]) => list.map((scope) => ({ resource, scope })));
      await Consents.updateOne(
        { _id: idOf(userId, clientId) },
        {
          $set: { userId, clientId, updatedAt: at },
          $addToSet: { scopes: { $each: scopes }, claims: { $each: claims }, resources: { $each: pairs } },
        },
        { upsert: true },
      );
    },

    async removeOfUser(userId) {
      await Consents.deleteMany({ userId });
    },

    async removeOfApplication(clientId) {
      await Consents.deleteMany({ clientId });
    },
  };
}

function idOf(userId: string, clientId: string): string {
  return `${userId} ${clientId}`;
}
