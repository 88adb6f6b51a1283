import { Schema, type Connection, type Model } from 'mongoose';
import { traitsOf } from '../../platform/custom-data.ts';
import { timeKey, wordKey } from '../../platform/sort-keys.ts';
import { tellOwnChanges } from '../../platform/db/own-changes.mongo.ts';
import { modelOf } from '../../platform/db/model.mongo.ts';
import {
  byChange,
  byEnd,
  byGroup,
  byUpcoming,
  hasPeriods,
  nextChangeOf,
  toMembership,
  toStoredMembership,
  type StoredMembership,
} from '../memberships/current.mongo.ts';
import type { User } from './user.ts';

/** A user as stored: with their memberships, and with the credentials that `credentials/` keeps in `secret`. */
export interface UserDocument {
  _id: string;
  kind: User['kind'];
  username: string;
  firstName: string;
  lastName: string;
  status: User['status'];
  picture?: string | undefined;
  locale?: string | undefined;
  zoneinfo?: string | undefined;
  /** Absent for users without any. */
  attributes?: User['attributes'] | undefined;
  customData: Record<string, unknown>;
  memberships: StoredMembership[];
  /** When time next changes what the memberships say; absent for users whose memberships have no periods. */
  membershipsChangeAt?: Date | undefined;
  /** Absent for those who own no group, as nearly everybody. */
  ownerOf?: string[] | undefined;
  /** Absent for customers. */
  adminRoles?: User['adminRoles'] | undefined;
  /** Absent for those who may do everywhere what they may. */
  adminScope?: string[] | undefined;
  /** Keys that lists are ordered by and words are searched in; no two users share one. */
  order: { address: string; name: string; first: string; created: string; updated: string; signedIn: string };
  /** Every value in the custom data with its path, for exact search. */
  traits: string[];
  secret?: { passwordHash: string; temporary: boolean; changedAt: Date };
  createdAt: Date;
  updatedAt: Date;
  lastSignInAt?: Date | undefined;
  proofsValidSince?: Date | undefined;
}

/** The database's clock: every event has a time of its own, whatever node it happens on. */
export const endingProofs = { $currentDate: { proofsValidSince: true } } as const;

const membership = new Schema(
  { group: String, upcoming: String, since: Date, by: String, source: String, job: String, from: Date, until: Date },
  { _id: false },
);
const secret = new Schema({ passwordHash: String, temporary: Boolean, changedAt: Date }, { _id: false });
const order = new Schema(
  { address: String, name: String, first: String, created: String, updated: String, signedIn: String },
  { _id: false },
);

const schema = new Schema<UserDocument>(
  {
    _id: String,
    kind: String,
    username: String,
    firstName: String,
    lastName: String,
    status: String,
    picture: String,
    locale: String,
    zoneinfo: String,
    attributes: Schema.Types.Mixed,
    customData: Schema.Types.Mixed,
    memberships: [membership],
    membershipsChangeAt: Date,
    ownerOf: { type: [String], default: undefined },
    // Not an empty list in every customer's document.
    adminRoles: { type: [String], default: undefined },
    adminScope: { type: [String], default: undefined },
    order,
    traits: [String],
    secret,
    createdAt: Date,
    updatedAt: Date,
    lastSignInAt: Date,
    proofsValidSince: Date,
  },
  { collection: 'users', versionKey: false, minimize: false },
);

export const ORDERS = ['address', 'name', 'first', 'created', 'updated', 'signedIn'] as const;
export type Order = (typeof ORDERS)[number];

export const byUsername = { username: 1 } as const;
export const byOrder = (name: Order) => ({ kind: 1, status: 1, [`order.${name}`]: 1 }) as const;
export const byTrait = { traits: 1, 'order.address': 1 } as const;

/** Of the few who own a group; a search names the condition, or the index does not serve it. */
export const byOwned = { ownerOf: 1 } as const;

schema.index(byUsername, { unique: true });
for (const name of ORDERS) schema.index(byOrder(name));
schema.index(byGroup);
for (const index of [byUpcoming, byEnd, byChange]) schema.index(index, { partialFilterExpression: hasPeriods });
schema.index(byTrait);
schema.index(byOwned, { partialFilterExpression: { ownerOf: { $exists: true } } });

tellOwnChanges(schema);

/** The collection of users; shared with `memberships/` and `credentials/`, which keep their parts in the same documents. */
export function userModel(connection: Connection): Model<UserDocument> {
  return modelOf(connection, 'User', schema);
}

/** Everything but the password hash, which only `credentials/` reads. */
export const withoutSecret = { 'secret.passwordHash': 0 } as const;

/** What follows from the rest of a document and is stored with it, so that it can be found and put in order. */
export function derived(
  user: Pick<
    User,
    'id' | 'username' | 'firstName' | 'lastName' | 'customData' | 'createdAt' | 'updatedAt' | 'lastSignInAt'
  >,
): Pick<UserDocument, 'order' | 'traits'> {
  const { id, username, firstName, lastName, customData, createdAt, updatedAt, lastSignInAt } = user;
  const order = {
    address: wordKey([username], id),
    name: wordKey([lastName, firstName], id),
    first: wordKey([firstName, lastName], id),
    created: timeKey(createdAt, id),
    updated: timeKey(updatedAt, id),
    signedIn: timeKey(lastSignInAt, id),
  };
  return { order, traits: traitsOf(customData) };
}

export interface NewDocument {
  user: User;
  /** The moment, which decides which memberships have begun. */
  at: Date;
  passwordHash?: string | undefined;
}

export function toDocument({ user, at, passwordHash }: NewDocument): UserDocument {
  const { id, passwordIsTemporary: temporary, adminRoles, ownerOf, attributes, memberships, ...others } = user;
  const stored = memberships.map((each) => toStoredMembership(each, at));
  const membershipsChangeAt = nextChangeOf(stored);
  const rest = {
    ...others,
    memberships: stored,
    ...(membershipsChangeAt ? { membershipsChangeAt } : {}),
    ...(adminRoles.length > 0 ? { adminRoles } : {}),
    ...(ownerOf.length > 0 ? { ownerOf } : {}),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  };
  const secret = passwordHash ? { secret: { passwordHash, temporary, changedAt: user.createdAt } } : {};
  return { _id: id, ...rest, ...secret, ...derived(user) };
}

export function toUser(document: UserDocument): User {
  const { _id, kind, username, firstName, lastName, status, customData, memberships } = document;
  const {
    ownerOf,
    adminRoles,
    adminScope,
    picture,
    locale,
    zoneinfo,
    createdAt,
    updatedAt,
    lastSignInAt,
    proofsValidSince,
  } = document;
  const passwordIsTemporary = document.secret?.temporary ?? false;
  return {
    id: _id,
    kind,
    username,
    firstName,
    lastName,
    status,
    attributes: document.attributes ?? {},
    customData: customData ?? {},
    memberships: (memberships ?? []).map(toMembership),
    adminRoles: adminRoles ?? [],
    ownerOf: ownerOf ?? [],
    ...(adminScope ? { adminScope } : {}),
    passwordIsTemporary,
    createdAt,
    updatedAt,
    ...(picture ? { picture } : {}),
    ...(locale ? { locale } : {}),
    ...(zoneinfo ? { zoneinfo } : {}),
    ...(lastSignInAt ? { lastSignInAt } : {}),
    ...(proofsValidSince ? { proofsValidSince } : {}),
  };
}
