import type { Connection } from 'mongoose';
import { createWatchedCache, type WatchedCache } from '../../platform/db/watched-cache.mongo.ts';
import { toUser, userModel, withoutSecret, type UserDocument } from './user-document.mongo.ts';
import type { User } from './user.ts';

/** A user in so many groups takes as much room as one more user. */
const MEMBERSHIPS_PER_WEIGHT = 20;

/** Users as the protocol reads them at every request: from memory, kept right by the change feed. */
export function createUserCache(connection: Connection): WatchedCache<User> {
  const model = userModel(connection);
  return createWatchedCache<User>({
    model,
    async load(ids) {
      const filter = { _id: ids.length === 1 ? ids[0] : { $in: ids } } as object;
      const found = await model.collection.find<UserDocument>(filter, { projection: withoutSecret }).toArray();
      return found.map(toUser);
    },
    idOf: ({ id }) => id,
    weightOf: ({ memberships }) => 1 + memberships.length / MEMBERSHIPS_PER_WEIGHT,
  });
}
