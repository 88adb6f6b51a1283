import { trusted, type Connection } from 'mongoose';
import { timeKey } from '../../platform/sort-keys.ts';
import type { ProofMark } from '../../directory/users/proof.ts';
import { endingProofs, toUser, userModel, type UserDocument } from '../../directory/users/user-document.mongo.ts';
import type { Users } from '../../directory/users/users.ts';
import type { FoundPassword, PasswordStore } from './password.ts';

/** Password hashes, in the `secret` of the user's own document. */
export function createPasswordStore(connection: Connection, { readAs }: Pick<Users, 'readAs'>): PasswordStore {
  const Users = userModel(connection);

  return {
    async findByUsername(username) {
      let password: ReturnType<typeof toPassword> = {};
      const user = await readAs(async () => {
        const found = await Users.findOne({ username }).lean();
        if (!found) return undefined;
        password = toPassword(found);
        return toUser(found);
      });
      return user && { user, ...password };
    },

    async find(userId) {
      const found = await Users.findOne({ _id: userId }, { username: 1, secret: 1 }).lean();
      return found ? { username: found.username, ...toPassword(found) } : undefined;
    },

    async set(userId, { hash, temporary }, at, expected) {
      const secret = { passwordHash: hash, temporary, changedAt: at };
      const found = await Users.findOneAndUpdate(
        { _id: userId, ...(expected === undefined ? {} : withMark(expected)) },
        { $set: { secret, updatedAt: at, 'order.updated': timeKey(at, userId) }, ...endingProofs },
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

/** No mark is the mark of a user whose proofs were never ended. */
const withMark = (mark: ProofMark) => ({ proofsValidSince: mark === 0 ? trusted({ $exists: false }) : new Date(mark) });

function toPassword({ secret }: Pick<UserDocument, 'secret'>): { password?: FoundPassword } {
  if (!secret) return {};
  return { password: { hash: secret.passwordHash, temporary: secret.temporary, setAt: secret.changedAt } };
}
