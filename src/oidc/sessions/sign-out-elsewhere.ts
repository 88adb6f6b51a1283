import type { Transact } from '../../platform/transaction.ts';
import { markOf } from '../../directory/users/proof.ts';
import type { Users } from '../../directory/users/users.ts';
import type { SessionStore } from './session-store.mongo.ts';

export interface SignOutElsewhereOptions {
  users: Pick<Users, 'endProofs' | 'find'>;
  sessions: Pick<SessionStore, 'endOtherSessions'>;
  transact: Transact;
}

/**
 * Ends all proofs of a user and what rests on them, but for one session with its grants: the user has just shown in it that
 * it is theirs. It gets the new mark.
 */
export function createSignOutElsewhere({ users, sessions, transact }: SignOutElsewhereOptions) {
  return ({ userId, uid }: { userId: string; uid: string }): Promise<void> =>
    transact(async () => {
      await users.endProofs([userId]);
      const user = await users.find(userId);
      if (user) await sessions.endOtherSessions(userId, { uid, mark: markOf(user) });
    });
}
