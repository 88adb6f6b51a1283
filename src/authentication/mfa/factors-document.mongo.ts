import { Schema, type Connection, type Model } from 'mongoose';
import { tellOwnChanges } from '../../platform/db/own-changes.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Passkey } from './factor.ts';

/** One document has all factors of a user; each kind keeps its own part of it. */
export interface FactorsDocument {
  /** The user's id. */
  _id: string;
  totp?: { encrypted: string; lastStep: number; createdAt: Date; lastUsedAt?: Date };
  passkeys?: Passkey[];
  recovery?: { hashes: string[]; createdAt: Date };
  mailCode?: { encrypted: string; expiresAt: Date; triesLeft: number };
}

const part = { _id: false } as const;
const totp = new Schema({ encrypted: String, lastStep: Number, createdAt: Date, lastUsedAt: Date }, part);
const passkey = new Schema(
  {
    id: String,
    credentialId: String,
    publicKey: String,
    counter: Number,
    transports: [String],
    name: String,
    isBackedUp: Boolean,
    createdAt: Date,
    lastUsedAt: Date,
  },
  { ...part, id: false },
);
const recovery = new Schema({ hashes: [String], createdAt: Date }, part);
const mailCode = new Schema({ encrypted: String, expiresAt: Date, triesLeft: Number }, part);

const schema = new Schema<FactorsDocument>(
  { _id: String, totp, passkeys: { type: [passkey], default: undefined }, recovery, mailCode },
  { collection: 'factors', versionKey: false },
);
schema.index(
  { 'passkeys.credentialId': 1 },
  { unique: true, partialFilterExpression: { 'passkeys.credentialId': { $exists: true } } },
);

tellOwnChanges(schema);

export function factorsModel(connection: Connection): Model<FactorsDocument> {
  return modelOf(connection, 'Factors', schema);
}

/** Makes sure that there is a document, so that every other write is one condition and one change. */
export async function ensureDocument(Factors: Model<FactorsDocument>, userId: string): Promise<void> {
  await Factors.updateOne({ _id: userId }, { $setOnInsert: { _id: userId } }, { upsert: true });
}
