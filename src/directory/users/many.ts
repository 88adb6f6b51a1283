import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import { isError } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { AuditAction } from '../audit/audit-action.ts';
import type { Audit } from '../audit/audit.ts';
import { LastAdministrator, type User } from './user.ts';
import type { UserStore } from './user-store.ts';

export interface ManyOptions {
  store: Pick<UserStore, 'findMany' | 'disableMany' | 'enableMany'>;
  audit: Audit;
  transact: Transact;
  now: Clock;
  /** Ends every session and token of these users. */
  signOut(userIds: Id[]): Promise<void>;
  /** Whether an actor may change this user. */
  mayChange(actor: Actor, user: User): boolean;
  /** For administrators, whose last one must stay. @throws LastAdministrator */
  disable(actor: Actor, id: Id): Promise<User>;
}

/** What became of one of many users. */
export interface UserOutcome {
  id: Id;
  /** Absent for someone who is gone. */
  username?: string;
  outcome: 'done' | 'unchanged' | 'no_such_user' | 'last_administrator' | 'not_allowed';
}

/** What is done to many users at once: a few writes for all of them, and one entry in the audit log. */
export function createManyVerbs({ store, audit, transact, now, signOut, mayChange, disable }: ManyOptions) {
  /** Out at once, everywhere: nothing of theirs is taken from the commit on, after which their sessions and tokens end. */
  async function disableMany(actor: Actor, ids: Id[]): Promise<UserOutcome[]> {
    return forEach(actor, ids, async (people) => {
      const customers = people.filter(({ kind, status }) => kind === 'customer' && status !== 'disabled');
      await transact(
        () => store.disableMany(idsOf(customers), now()),
        () => signOut(idsOf(customers)),
      );
      await record(actor, 'users.disabled', customers);
      const done = new Set(idsOf(customers));
      const kept = new Set<Id>();
      for (const { id } of people.filter(({ kind, status }) => kind === 'administrator' && status !== 'disabled')) {
        const isKept = await isLast(actor, id);
        (isKept ? kept : done).add(id);
      }
      return ({ id }) => {
        if (kept.has(id)) return 'last_administrator';
        return done.has(id) ? 'done' : 'unchanged';
      };
    });
  }

  /** Those who never had a password go back to being invited. */
  async function enableMany(actor: Actor, ids: Id[]): Promise<UserOutcome[]> {
    return forEach(actor, ids, async (people) => {
      const disabled = people.filter(({ status }) => status === 'disabled');
      await store.enableMany(idsOf(disabled), now());
      // What is left when a node was killed after it had disabled them must not come back to life.
      await signOut(idsOf(disabled));
      await record(actor, 'users.enabled', disabled);
      const done = new Set(idsOf(disabled));
      return ({ id }) => (done.has(id) ? 'done' : 'unchanged');
    });
  }

  async function endSessionsOfMany(actor: Actor, ids: Id[]): Promise<UserOutcome[]> {
    return forEach(actor, ids, async (people) => {
      await signOut(idsOf(people));
      await record(actor, 'users.sessions_ended', people);
      return () => 'done';
    });
  }

  async function forEach(
    actor: Actor,
    ids: Id[],
    act: (people: User[]) => Promise<(user: User) => UserOutcome['outcome']>,
  ): Promise<UserOutcome[]> {
    return transact(async () => {
      const people = new Map((await store.findMany(ids)).map((user) => [user.id, user]));
      const allowed = new Set([...people.values()].filter((user) => mayChange(actor, user)));
      const outcomeOf = await act([...allowed]);
      return ids.map((id) => {
        const user = people.get(id);
        if (!user) return { id, outcome: 'no_such_user' };
        return { id, username: user.username, outcome: allowed.has(user) ? outcomeOf(user) : 'not_allowed' };
      });
    });
  }

  async function isLast(actor: Actor, id: Id): Promise<boolean> {
    try {
      await disable(actor, id);
      return false;
    } catch (error) {
      if (isError(error, LastAdministrator)) return true;
      throw error;
    }
  }

  async function record(actor: Actor, action: AuditAction, people: User[]): Promise<void> {
    const subjects = people.map(({ id, username }) => ({ id, name: username }));
    await audit.recordMany(actor, action, { kind: 'users', id: '', name: '' }, subjects);
  }

  return { disableMany, enableMany, endSessionsOfMany };
}

const idsOf = (people: User[]) => people.map(({ id }) => id);
