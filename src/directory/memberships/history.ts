import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import { decodeCursor, toPage, type Page, type PageRequest } from '../../platform/paging.ts';
import { compareKeys, wordKey } from '../../platform/sort-keys.ts';
import type { Group } from '../groups/group.ts';
import type { MemberCriteria } from '../users/user-search.ts';
import { everybody } from '../users/user-search.ts';
import type { User } from '../users/user.ts';
import type { DeletedGroup } from './membership.ts';
import { hasBegun, hasEnded, isCurrent, type Membership } from './period.ts';

export const CLOSINGS = ['removed', 'ended', 'changed', 'group_deleted'] as const;

/** A membership as it was until something happened to it. Written once, in the transaction of what happened. */
export interface PastMembership {
  user: Id;
  username: string;
  membership: Membership;
  /** When it stopped being so, and why: it was removed, its period ended or was changed, or the group was deleted. */
  end: Date;
  closing: (typeof CLOSINGS)[number];
  /** Who did it. */
  endedBy: string;
}

/** A membership of now, or one that is over. */
export type KnownMembership = Pick<PastMembership, 'membership'> & Partial<PastMembership>;

export interface HistoryStore {
  append(past: PastMembership[]): Promise<void>;
  /**
   * Of each user whose membership in the group was another one at that moment than it is now, how it was then, whatever its
   * period: the first entry to end afterwards. In the order of emails, after a key.
   */
  versionsInGroup(groupId: Id, at: Date, page: { after: string | undefined; limit: number }): Promise<PastMembership[]>;
  /** The same of one user for all groups, however often something changed since. */
  versionsOfUser(userId: Id, at: Date): Promise<PastMembership[]>;
  /** The newest first; those in one group alone, or those that ended after a moment. */
  ofUser(userId: Id, which: { groupId: Id } | { endedAfter: Date }): Promise<PastMembership[]>;
  removeOfUser(userId: Id): Promise<void>;
}

export interface HistoryOptions {
  store: HistoryStore;
  users: {
    get(id: Id): Promise<User>;
    findMany(ids: Id[]): Promise<User[]>;
    searchMembers(criteria: MemberCriteria, page: PageRequest): Promise<Page<User>>;
  };
  groups: { findMany(ids: Id[]): Promise<Group[]> };
  findDeleted(ids: Id[]): Promise<DeletedGroup[]>;
  now: Clock;
}

/** A group that a user was in: as it is now, or what is known of it after it was deleted. */
export interface GroupAt {
  membership: Membership;
  group: Group | DeletedGroup;
}

export interface MemberAt {
  user: User;
  membership: Membership;
}

export type History = ReturnType<typeof createHistory>;

/**
 * Who was a member when. Memberships of now are in the users' documents and say since when they are there; only what has
 * ended is written down besides. So adding costs nothing, and nothing is ever changed or removed but with its user.
 */
export function createHistory({ store, users, groups, findDeleted, now }: HistoryOptions) {
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
    const present = await users.searchMembers(criteria, { list, limit, ...(position ? { position } : {}) });
    const past = await store.versionsInGroup(groupId, at, { after: position?.key, limit: limit + 1 });
    const lastPast = past.length > limit ? past.at(-1) : undefined;
    const edge = smallest([
      // A search that stopped early has not looked beyond its cursor.
      present.next === null ? undefined : decodeCursor(list, present.next).key,
      lastPast && keyOf({ id: lastPast.user, username: lastPast.username }),
    ]);
    const known = new Map((await users.findMany(past.map(({ user }) => user))).map((user) => [user.id, user]));
    // What was so then hides what is so now.
    const changed = new Set(past.map(({ user }) => user));
    const members = [
      ...past.flatMap(({ user: id, membership }) => {
        const user = known.get(id);
        return user && isCurrent(membership, at) ? [{ user, membership }] : [];
      }),
      ...present.items
        .filter(({ id }) => !changed.has(id))
        .map((user) => ({ user, membership: user.memberships.find(({ group }) => group === groupId)! })),
    ];
    const items = members
      .map((member) => [keyOf(member.user), member] as const)
      .filter(([key]) => edge === undefined || compareKeys(key, edge) <= 0)
      .sort(([a], [b]) => compareKeys(a, b))
      .slice(0, limit + 1);
    const reading = { items, ...(edge !== undefined && items.length <= limit ? { stoppedAt: edge } : {}) };
    const page = toPage({ list, limit, position }, reading, ([key]) => key);
    return { items: page.items.map(([, member]) => member), next: page.next, previous: null };
  }

  /** The groups that a user was in at a moment, also those that were deleted later. @throws UserNotFound */
  async function groupsAt(userId: Id, at: Date): Promise<GroupAt[]> {
    const { memberships } = await users.get(userId);
    const past: KnownMembership[] = await store.versionsOfUser(userId, at);
    const changed = new Set(past.map(({ membership }) => membership.group));
    const present = memberships.filter(({ group, since }) => !changed.has(group) && since <= at);
    const versions = [...past, ...present.map((membership) => ({ membership }))].filter(({ membership }) =>
      isCurrent(membership, at),
    );
    const ids = versions.map(({ membership }) => membership.group);
    const byId = new Map<Id, Group | DeletedGroup>();
    for (const group of [...(await deletedAmong(ids)), ...(await groups.findMany(ids))]) byId.set(group.id, group);
    return versions.flatMap(({ membership }) => {
      const group = byId.get(membership.group);
      const isGone = group === undefined || ('deletedAt' in group && group.deletedAt <= at);
      return isGone ? [] : [{ membership, group }];
    });
  }

  /** All that is known of a user in a group, the newest first; what is so now has no end. @throws UserNotFound */
  async function of(userId: Id, groupId: Id): Promise<KnownMembership[]> {
    const { memberships } = await users.get(userId);
    const past = await store.ofUser(userId, { groupId });
    const present = memberships.filter((each) => each.group === groupId && !hasEnded(each, now()));
    const [deleted] = await deletedAmong([groupId]);
    return [...present.map((membership) => ({ membership })), ...past].map((each) => endedWith(deleted, each));
  }

  /** The memberships of a user that are over and had begun, the newest first. */
  async function endedOf(userId: Id): Promise<PastMembership[]> {
    const past = await store.ofUser(userId, { endedAfter: new Date(0) });
    return past.filter(({ membership, end, closing }) => closing !== 'changed' && hasBegun(membership, end));
  }

  /** What was over after a moment, the newest first. */
  const endedSince = (userId: Id, since: Date): Promise<PastMembership[]> =>
    store.ofUser(userId, { endedAfter: since });

  /** An import can create a group with the ID of a deleted one. */
  async function deletedAmong(ids: Id[]): Promise<DeletedGroup[]> {
    const deleted = await findDeleted(ids);
    if (deleted.length === 0) return [];
    const there = new Set((await groups.findMany(deleted.map(({ id }) => id))).map(({ id }) => id));
    return deleted.filter(({ id }) => !there.has(id));
  }

  return { close, endedSince, membersAt, groupsAt, of, endedOf, removeOfUser: store.removeOfUser };
}

const keyOf = ({ id, username }: Pick<User, 'id' | 'username'>) => wordKey([username], id);

const smallest = (keys: (string | undefined)[]): string | undefined =>
  keys.filter((key) => key !== undefined).sort(compareKeys)[0];

/** Members' documents name a deleted group until they are purged; it ended all memberships at once. */
function endedWith(deleted: DeletedGroup | undefined, known: KnownMembership): KnownMembership {
  if (!deleted || (known.end && known.end <= deleted.deletedAt)) return known;
  if (hasEnded(known.membership, deleted.deletedAt)) return known;
  return { ...known, end: deleted.deletedAt, closing: 'group_deleted', endedBy: deleted.by };
}
