import { Schema, trusted, type Connection, type Model, type QueryFilter } from 'mongoose';
import { beginningWith, fold, timeKey, wordKey, type KeyRange } from '../../platform/sort-keys.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import type { Scan, Search } from '../../platform/db/search.mongo.ts';
import type { ApplicationCriteria, ApplicationSort } from './application-search.ts';
import type { Application } from './application.ts';
import { DEFAULT_CLAIM_POLICY } from './claim-policy.ts';

/** The metadata is kept as JSON text: keys that a database would read a meaning into are just text then. */
export interface ApplicationDocument extends Omit<Application, 'id' | 'metadata'> {
  _id: string;
  metadata: string;
  /** `logo_uri` of the metadata, to find those that have one. */
  logoUri?: string;
  /** Keys that lists are ordered by and words are searched in; no two applications share one. */
  order: { name: string; created: string };
}

const order = new Schema({ name: String, created: String }, { _id: false });

const claimPolicy = new Schema(
  {
    claim: String,
    format: String,
    groupIds: { type: [String], default: undefined },
    prefix: String,
    stripPrefix: Boolean,
    renamedGroups: String,
    renamedGroupsUntil: Date,
    directOnly: Boolean,
    tokens: [String],
    limit: Number,
    limitBytes: Number,
    idTokenScopes: { type: [String], default: undefined },
  },
  { _id: false },
);

const access = new Schema({ groupIds: { type: [String], default: undefined }, contact: String }, { _id: false });

const signals = new Schema({ shared: Boolean, onAccessLost: String }, { _id: false });

const schema = new Schema<ApplicationDocument>(
  {
    _id: String,
    name: String,
    description: String,
    type: String,
    metadata: String,
    logoUri: String,
    encryptedSecret: String,
    previousSecret: { type: new Schema({ encrypted: String, expiresAt: Date }, { _id: false }), default: undefined },
    adminScopes: [String],
    skipConsent: Boolean,
    requirePkce: Boolean,
    requiresSecondFactor: Boolean,
    claimPolicy,
    access: { type: access, default: undefined },
    signals: { type: signals, default: undefined },
    order,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'applications', versionKey: false, minimize: false },
);

const byOrder = (name: keyof ApplicationDocument['order']) => ({ [`order.${name}`]: 1 }) as const;
const byType = { type: 1, 'order.name': 1 } as const;

schema.index(byOrder('name'));
schema.index(byOrder('created'));
schema.index(byType);
schema.index({ logoUri: 1 }, { sparse: true });
// To find the applications that name a deleted group.
schema.index({ 'claimPolicy.groupIds': 1, 'order.name': 1 });
// To find those that receive former names of groups.
schema.index({ 'claimPolicy.renamedGroups': 1, 'order.name': 1 });
schema.index({ 'claimPolicy.renamedGroupsUntil': 1 }, { sparse: true });
schema.index({ 'access.groupIds': 1 }, { sparse: true });
schema.index({ 'signals.onAccessLost': 1 }, { sparse: true });

/** Of the applications that were ever set to, those that do. */
export const wantingSignals: QueryFilter<ApplicationDocument> = {
  'signals.onAccessLost': trusted({ $exists: true }),
  $or: [{ 'signals.shared': true }, { 'signals.onAccessLost': trusted({ $in: ['end_refresh_tokens', 'sign_out'] }) }],
};

export function applicationModel(connection: Connection): Model<ApplicationDocument> {
  return modelOf(connection, 'Application', schema);
}

export function toDocument({ id, ...application }: Application): ApplicationDocument {
  const { name, createdAt, metadata } = application;
  const order = { name: wordKey([name], id), created: timeKey(createdAt, id) };
  return { _id: id, ...application, metadata: JSON.stringify(metadata), ...logoOf(metadata), order };
}

export function logoOf({ logo_uri: uri }: Application['metadata']): Pick<ApplicationDocument, 'logoUri'> {
  return typeof uri === 'string' ? { logoUri: uri } : {};
}

export function toApplication({
  _id,
  metadata,
  order: _order,
  logoUri: _logoUri,
  ...application
}: ApplicationDocument): Application {
  return {
    id: _id,
    ...application,
    metadata: JSON.parse(metadata) as Application['metadata'],
    adminScopes: application.adminScopes ?? [],
    requiresSecondFactor: application.requiresSecondFactor ?? false,
    claimPolicy: { ...DEFAULT_CLAIM_POLICY, ...application.claimPolicy },
  };
}

const orderOf: Record<ApplicationSort, keyof ApplicationDocument['order']> = { name: 'name', created_at: 'created' };

/** What was stored before there were keys has none, and no place in a list. */
const EVERY_KEY: KeyRange = { from: '' };

/** Chooses the index for a search: that of the type where it gives the wanted order, else the order itself. */
export function planApplicationSearch({ q, type, sort, descending }: ApplicationCriteria): Search {
  const order = orderOf[sort];
  const typed = type ? [{ type }] : [];
  const alongType = order === 'name' ? typed : [];
  const scan: Scan = {
    index: alongType.length > 0 ? byType : byOrder(order),
    head: alongType[0] ?? {},
    key: `order.${order}`,
    range: q ? beginningWith(fold(q)) : EVERY_KEY,
    rest: alongType.length > 0 ? [] : typed,
  };
  return { scans: [scan], descending, isEverything: !type && !q };
}
