import { Schema, trusted, type Connection, type Model } from 'mongoose';
import { isDuplicateKey } from '../db/connection.mongo.ts';
import { modelOf } from '../db/model.mongo.ts';
import { toPage } from '../base/paging.ts';
import { fold, type Membership, type Person, type UserFilter, type UserStore } from './user.ts';

/** A person as stored: with their memberships, and with the credentials that `credentials/` keeps in `secret`. */
export interface UserDocument {
  _id: string;
  kind: Person['kind'];
  username: string;
  firstName: string;
  lastName: string;
  status: Person['status'];
  customData: Record<string, unknown>;
  memberships: Membership[];
  /** Folded address and names, for prefix search. */
  search: string[];
  secret?: { passwordHash: string; temporary: boolean; changedAt: Date };
  createdAt: Date;
  updatedAt: Date;
}

const membership = new Schema({ group: String, since: Date, by: String }, { _id: false });
const secret = new Schema({ passwordHash: String, temporary: Boolean, changedAt: Date }, { _id: false });

const schema = new Schema<UserDocument>(
  {
    _id: String,
    kind: String,
    username: String,
    firstName: String,
    lastName: String,
    status: String,
    customData: Schema.Types.Mixed,
    memberships: [membership],
    search: [String],
    secret,
    createdAt: Date,
    updatedAt: Date,
  },
  { collection: 'users', versionKey: false, minimize: false },
);
schema.index({ username: 1 }, { unique: true });
schema.index({ 'memberships.group': 1, username: 1 });
schema.index({ search: 1, username: 1 });
schema.index({ kind: 1, status: 1, username: 1 });
schema.index({ status: 1, username: 1 });

const lockSchema = new Schema({ _id: String, turn: Number }, { collection: 'locks', versionKey: false });

/** The collection of people; shared with `memberships/` and `credentials/`, which keep their parts in the same documents. */
export function userModel(connection: Connection): Model<UserDocument> {
  return modelOf(connection, 'User', schema);
}

/** Everything but the password hash, which only `credentials/` reads. */
export const withoutSecret = { 'secret.passwordHash': 0 } as const;

export function toPerson(document: UserDocument): Person {
  const { _id, kind, username, firstName, lastName, status, customData, memberships, createdAt, updatedAt } = document;
  const passwordIsTemporary = document.secret?.temporary ?? false;
  return {
    id: _id,
    kind,
    username,
    firstName,
    lastName,
    status,
    customData: customData ?? {},
    memberships: memberships ?? [],
    passwordIsTemporary,
    createdAt,
    updatedAt,
  };
}

export function createUserStore(connection: Connection): UserStore {
  const Users = userModel(connection);
  const Locks = connection.model('Lock', lockSchema);

  return {
    async insert(person, password) {
      const { id, passwordIsTemporary: temporary, ...rest } = person;
      const secret = password ? { secret: { passwordHash: password, temporary, changedAt: person.createdAt } } : {};
      try {
        await Users.create({ _id: id, ...rest, ...secret, search: searchWords(person) });
        return 'inserted';
      } catch (error) {
        if (isDuplicateKey(error)) return 'duplicate';
        throw error;
      }
    },

    async find(id) {
      const found = await Users.findOne({ _id: id }, withoutSecret).lean();
      return found ? toPerson(found) : undefined;
    },

    async findByUsername(username) {
      const found = await Users.findOne({ username }, withoutSecret).lean();
      return found ? toPerson(found) : undefined;
    },

    async findMany(ids) {
      const found = await Users.find({ _id: trusted({ $in: ids }) }, withoutSecret).lean();
      return found.map(toPerson);
    },

    async list(filter, { limit, after }) {
      const cursor = after === undefined ? {} : { username: trusted({ $gt: after }) };
      const found = await Users.find({ ...toQuery(filter), ...cursor }, withoutSecret)
        .sort({ username: 1 })
        .limit(limit + 1)
        .lean();
      return toPage('users', found.map(toPerson), limit, (person) => person.username);
    },

    async update(id, change, at) {
      const before = await Users.findOne({ _id: id }, withoutSecret).lean();
      if (!before) return undefined;
      const names = { firstName: change.first_name ?? before.firstName, lastName: change.last_name ?? before.lastName };
      const set = {
        ...names,
        ...(change.custom_data ? { customData: change.custom_data } : {}),
        ...(change.status ? { status: change.status } : {}),
        search: searchWords({ username: before.username, ...names }),
        updatedAt: at,
      };
      const after = await Users.findOneAndUpdate(
        { _id: id },
        { $set: set },
        { returnDocument: 'after', projection: withoutSecret },
      ).lean();
      return after ? toPerson(after) : undefined;
    },

    async remove(id) {
      const removed = await Users.findOneAndDelete({ _id: id }, { projection: withoutSecret }).lean();
      return removed ? toPerson(removed) : undefined;
    },

    hasPassword: async (id) =>
      (await Users.exists({ _id: id, 'secret.passwordHash': trusted({ $exists: true }) })) !== null,

    async lockAdministrators() {
      await Locks.findOneAndUpdate({ _id: 'administrators' }, { $inc: { turn: 1 } }, { upsert: true });
    },

    count: (filter) => Users.countDocuments(toQuery(filter)),
  };
}

function searchWords({ username, firstName, lastName }: Pick<Person, 'username' | 'firstName' | 'lastName'>): string[] {
  return [username, firstName, lastName].map(fold).filter(Boolean);
}

function toQuery({ q, kind, status, group }: UserFilter): Record<string, unknown> {
  return {
    ...(q ? { search: trusted({ $elemMatch: { $gte: fold(q), $lt: `${fold(q)}\u{10FFFF}` } }) } : {}),
    ...(kind ? { kind } : {}),
    ...(status ? { status } : {}),
    ...(group ? { 'memberships.group': group } : {}),
  };
}
