import { trusted, type Connection } from 'mongoose';
import { timeKey } from '../base/sort-keys.ts';
import { userModel, type UserDocument } from '../users/user-document.mongo.ts';
import type { FoundPassword, PasswordStore } from './password.ts';

/** Password hashes, in the `secret` of the person's own document. */
export function createPasswordStore(connection: Connection): PasswordStore {
  const Users = userModel(connection);

  return {
    async findByUsername(username) {
      const found = await Users.findOne({ username }, { status: 1, secret: 1 }).lean();
      return found ? { userId: found._id, active: found.status !== 'disabled', ...toPassword(found) } : undefined;
    },

    async find(userId) {
      const found = await Users.findOne({ _id: userId }, { username: 1, secret: 1 }).lean();
      return found ? { username: found.username, ...toPassword(found) } : undefined;
    },

    async set(userId, { hash, temporary }, at) {
      const secret = { passwordHash: hash, temporary, changedAt: at };
      const found = await Users.findOneAndUpdate(
        { _id: userId },
        { $set: { secret, updatedAt: at, 'order.updated': timeKey(at, userId) } },
        { projection: { username: 1 } },
      ).lean();
      await Users.updateOne({ _id: userId, status: 'invited' }, { $set: { status: 'active' } });
      return found?.username;
    },

    async rehash(userId, from, to) {
      await Users.updateOne(
        { _id: userId, 'secret.passwordHash': trusted({ $eq: from }) },
        { $set: { 'secret.passwordHash': to } },
      );
    },
  };
}

function toPassword({ secret }: Pick<UserDocument, 'secret'>): { password?: FoundPassword } {
  if (!secret) return {};
  return { password: { hash: secret.passwordHash, temporary: secret.temporary, setAt: secret.changedAt } };
}
