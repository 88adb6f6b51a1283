import { isDeepStrictEqual } from 'node:util';
import { trusted, type Connection, type Model } from 'mongoose';
import {
  applicationModel,
  toApplication,
  toDocument as toApplicationDocument,
} from '../../directory/applications/application-document.mongo.ts';
import type { Application } from '../../directory/applications/application.ts';
import { groupModel, toDocument as toGroupDocument, toGroup } from '../../directory/groups/group-document.mongo.ts';
import type { Group } from '../../directory/groups/group.ts';
import { roleModel, toDocument as toRoleDocument, toRole } from '../../directory/roles/roles.mongo.ts';
import type { Role } from '../../directory/roles/role.ts';
import {
  toDocument as toUserDocument,
  toUser,
  userModel,
  type UserDocument,
} from '../../directory/users/user-document.mongo.ts';
import type { Clock } from '../../platform/clock.ts';
import type { RecordStore } from './record-type.ts';
import type { StoredUser } from './user-row.ts';

export interface RecordStores {
  users: RecordStore<StoredUser>;
  groups: RecordStore<Group>;
  roles: RecordStore<Role>;
  applications: RecordStore<Application>;
}

/** Many of one type at a time, in the documents of the modules that own them and by those modules' own builders. */
export function createRecordStores(connection: Connection, now: Clock): RecordStores {
  return {
    users: createStore({
      model: userModel(connection),
      key: 'username',
      toThing: toStoredUser,
      toDocument: (user) => toStoredDocument(user, now()),
      fieldsOf: fieldsOfUser,
    }),
    groups: createStore({
      model: groupModel(connection),
      key: 'nameKey',
      toThing: toGroup,
      toDocument: toGroupDocument,
    }),
    roles: createStore({ model: roleModel(connection), key: 'nameKey', toThing: toRole, toDocument: toRoleDocument }),
    applications: createStore({
      model: applicationModel(connection),
      key: '_id',
      toThing: toApplication,
      toDocument: toApplicationDocument,
    }),
  };
}

interface StoreOptions<Document extends { _id: string }, Entity> {
  model: Model<Document>;
  /** The field of the natural key. */
  key: string;
  toThing(document: Document): Entity;
  toDocument(thing: Entity): Document;
  /** The paths that an update sets; the fields of the document unless something else lives inside one of them. */
  fieldsOf?(document: Document): Record<string, unknown>;
}

function createStore<Document extends { _id: string }, Entity>({
  model,
  key,
  toThing,
  toDocument,
  fieldsOf = (document) => ({ ...document }),
}: StoreOptions<Document, Entity>): RecordStore<Entity> {
  // One type of documents for what is done with all of them alike; the builders keep each to its own.
  const documents = model as unknown as Model<{ _id: string }>;
  const toThings = (found: unknown[]) => (found as Document[]).map(toThing);

  function toUpdate({ before, after }: { before: Entity; after: Entity }) {
    const old = fieldsOf(toDocument(before));
    const { _id, ...document } = fieldsOf(toDocument(after));
    const changed = Object.entries(document).filter(([field, value]) => !isDeepStrictEqual(old[field], value));
    const removed = Object.keys(old).filter((field) => old[field] !== undefined && document[field] === undefined);
    const $unset = Object.fromEntries(removed.filter((field) => field !== '_id').map((field) => [field, 1]));
    const unset = Object.keys($unset).length > 0 ? { $unset } : {};
    return { updateOne: { filter: { _id: String(_id) }, update: { $set: Object.fromEntries(changed), ...unset } } };
  }

  return {
    async find(keys, ids) {
      const either = [{ [key]: trusted({ $in: keys }) }, { _id: trusted({ $in: ids }) }];
      return toThings(await documents.find({ $or: either }).lean());
    },

    async insert(things) {
      // Built by the modules' own builders, so there is nothing left to cast or to validate.
      if (things.length > 0) await documents.insertMany(things.map(toDocument), { lean: true });
    },

    async update(changes) {
      if (changes.length > 0) await documents.bulkWrite(changes.map(toUpdate));
    },

    async page(after, limit) {
      const behind = after === undefined ? {} : { _id: trusted({ $gt: after }) };
      return toThings(await documents.find(behind).sort({ _id: 1 }).limit(limit).lean());
    },
  };
}

function toStoredUser(document: UserDocument): StoredUser {
  const { secret } = document;
  const password = secret?.passwordHash && {
    hash: secret.passwordHash,
    temporary: secret.temporary,
    changedAt: secret.changedAt,
  };
  return { ...toUser(document), ...(password ? { password } : {}) };
}

function toStoredDocument({ password, ...user }: StoredUser, at: Date): UserDocument {
  const document = toUserDocument({ user, at, passwordHash: password?.hash });
  return password ? { ...document, secret: { ...document.secret!, changedAt: password.changedAt } } : document;
}

// What else is kept in `secret` is not an import's to replace.
function fieldsOfUser({ secret, ...document }: UserDocument): Record<string, unknown> {
  const entries = Object.entries(secret ?? {}).map(([field, value]) => [`secret.${field}`, value] as const);
  return { ...document, ...Object.fromEntries(entries) };
}
