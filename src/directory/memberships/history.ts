import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../platform/paging.ts';
import { compareKeys, wordKey } from '../../platform/sort-keys.ts';
import type { UserCriteria } from '../users/user-search.ts';
import { everybody } from '../users/user-search.ts';
import type { User } from '../users/user.ts';
import { hasBegun, hasEnded, type Membership } from './period.ts';

export const CLOSINGS = ['removed', 'ended', 'changed'] as const;

/** A membership as it was until something happened to it. Written once, in the transaction of what happened. */
export interface PastMembership {
  user: Id;
  username: string;
  membership: Membership;
  /** When it stopped being so, and why: it was removed, its period ended, or its period was changed. */
  end: Date;
  closing: (typeof CLOSINGS)[number];
  /** Who did it. */
  endedBy: string;
}

/** A membership of now, or one that is over. */
export type KnownMembership = Pick<PastMembership, 'membership'> & Partial<PastMembership>;

export interface HistoryStore {
  append(past: PastMembership[]): Promise<void>;
  /** Those in the group at that moment, in the order of emails, after a key. */
  at(groupId: Id, at: Date, page: { after: string | undefined; limit: number }): Promise<PastMembership[]>;
  /** The newest first; those in one group alone, or those that ended after a moment. */
  ofUser(userId: Id, which: { groupId: Id } | { endedAfter: Date }, limit: number): Promise<PastMembership[]>;
  removeOfUser(userId: Id): Promise<void>;
}

export interface HistoryOptions {
  store: HistoryStore;
  users: {
    get(id: Id): Promise<User>;
    findMany(ids: Id[]): Promise<User[]>;
    search(criteria: UserCriteria, page: PageRequest): Promise<Page<User>>;
  };
  now: Clock;
}

export interface MemberAt {
  user: User;
  membership: Membership;
}

/** More of one user are not read. */
const MOST_OF_USER = 1000;

export type History = ReturnType<typeof createHistory>;

/**
 * Who was a member when. Memberships of now are in the users' documents and say since when they are there; only what has
 * ended is written down besides. So adding costs nothing, and nothing is ever changed or removed but with its user.
 */
export function createHistory({ store, users, now }: HistoryOptions) {
  /** Joins the caller's transaction. */
  async function close(
    members: { user: { id: Id; username: string }; membership: Membership }[],
    what: { closing: PastMembership['closing']; endedBy: string; end?: Date },
  ): Promise<void> {
    const end = what.end ?? now();
    const past = members.map(({ user, membership }) => ({
      user: user.id,
      username: user.username,
      membership,
      // What ended by itself ended when it said, whenever it was noticed.
      end: membership.until && membership.until < end ? membership.until : end,
      closing: what.closing,
      endedBy: what.endedBy,
    }));
    if (past.length > 0) await store.append(past);
  }

  /** The members of a group at a moment, in the order of emails; forward only. */
  async function membersAt(groupId: Id, at: Date, request: PageRequest): Promise<Page<MemberAt>> {
    const { list, limit, position } = request;
    const criteria = { ...everybody, inGroup: groupId, memberAt: at };
    const present = await users.search(criteria, { list, limit, ...(position ? { position } : {}) });
    const past = await store.at(groupId, at, { after: position?.key, limit: limit + 1 });
    // A search that stopped early has not looked beyond its cursor.
    const edge = present.next === null ? undefined : decodeCursor(list, present.next).key;
    const known = new Map((await users.findMany(past.map(({ user }) => user))).map((user) => [user.id, user]));
    const byKey = new Map<string, MemberAt>();
    for (const { user: id, membership } of past) {
      const user = known.get(id);
      if (user) byKey.set(keyOf(user), { user, membership });
    }
    for (const user of present.items)
      byKey.set(keyOf(user), { user, membership: user.memberships.find(({ group }) => group === groupId)! });
    const items = [...byKey]
      .filter(([key]) => edge === undefined || compareKeys(key, edge) <= 0)
      .sort(([a], [b]) => compareKeys(a, b))
      .slice(0, limit + 1);
    const reading = { items, ...(edge !== undefined && items.length <= limit ? { stoppedAt: edge } : {}) };
    const page = toPage({ list, limit, position }, reading, ([key]) => key);
    return { items: page.items.map(([, member]) => member), next: page.next, previous: null };
  }

  /** The memberships that a user had at a moment. @throws UserNotFound */
  async function membershipsAt(userId: Id, at: Date): Promise<Membership[]> {
    const { memberships } = await users.get(userId);
    const past = await store.ofUser(userId, { endedAfter: at }, MOST_OF_USER);
    const all = [...past.map(({ membership }) => membership), ...memberships].filter((each) => countsAt(each, at));
    return [...new Map(all.map((membership) => [membership.group, membership])).values()];
  }

  /** All that is known of a user in a group, the newest first; what is so now has no end. @throws UserNotFound */
  async function of(userId: Id, groupId: Id): Promise<KnownMembership[]> {
    const { memberships } = await users.get(userId);
    const past = await store.ofUser(userId, { groupId }, MOST_OF_USER);
    const present = memberships.filter((each) => each.group === groupId && !hasEnded(each, now()));
    return [...present.map((membership) => ({ membership })), ...past];
  }

  /** The memberships of a user that are over and had begun, the newest first. */
  async function endedOf(userId: Id): Promise<PastMembership[]> {
    const past = await store.ofUser(userId, { endedAfter: new Date(0) }, MOST_OF_USER);
    return past.filter(({ membership, end, closing }) => closing !== 'changed' && hasBegun(membership, end));
  }

  /** What was over after a moment, the newest first. */
  const endedSince = (userId: Id, since: Date): Promise<PastMembership[]> =>
    store.ofUser(userId, { endedAfter: since }, MOST_OF_USER);

  return { close, endedSince, membersAt, membershipsAt, of, endedOf, removeOfUser: store.removeOfUser };
}

const keyOf = ({ id, username }: User) => wordKey([username], id);

const countsAt = (membership: Membership, at: Date): boolean =>
  membership.since <= at && hasBegun(membership, at) && !hasEnded(membership, at);
