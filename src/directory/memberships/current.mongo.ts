import { trusted } from 'mongoose';
import type { Id } from '../../platform/ids.ts';
import { type Membership, hasBegun } from './period.ts';

// How memberships lie in users' documents, and the conditions on who is a member when. No other file queries them.

/**
 * A membership that has begun lies under `group`, where the index of members finds it. Before, it lies under `upcoming`, so
 * that the index holds nobody who is no member yet. Documents follow the clock within seconds (`settle`); until then the
 * conditions here compare the times as well.
 */
export interface StoredMembership extends Omit<Membership, 'group'> {
  group?: Id | undefined;
  upcoming?: Id | undefined;
}

export function toStoredMembership({ group, ...rest }: Membership, at: Date): StoredMembership {
  return hasBegun(rest, at) ? { group, ...rest } : { upcoming: group, ...rest };
}

export function toMembership({ group, upcoming, ...rest }: StoredMembership): Membership {
  // A cast, because each has one of the two.
  return { group: (group ?? upcoming) as Id, ...rest };
}

/** When these memberships next have to be looked at; undefined when time changes nothing about them. */
export function nextChangeOf(memberships: StoredMembership[]): Date | undefined {
  const times = memberships.flatMap(({ upcoming, from, until }) => (upcoming && from ? from : (until ?? [])));
  return times.length > 0 ? new Date(Math.min(...times.map((time) => time.getTime()))) : undefined;
}

/** The documents whose memberships time has changed, and that do not show it yet. */
export const isDue = (at: Date) => ({ membershipsChangeAt: { $lte: at } });

/** As the partial indexes want it. */
export const hasPeriods = { membershipsChangeAt: trusted({ $exists: true }) };

const either = (groups: unknown) => ({ $or: [{ group: groups }, { upcoming: groups }] });

/** Of a user's memberships, the one in this group, whatever its period. */
export const membershipIn = (groupId: Id) => either(groupId);

/** What is read of a user: of the memberships, who may have thousands, only the one in this group. */
export const onlyMembershipIn = (groupId: Id) => ({ memberships: { $elemMatch: membershipIn(groupId) } });

/** Memberships in these groups, whatever their periods. */
export const membershipInAny = (groupIds: Id[]) => either({ $in: groupIds });

/** Any membership in this group, whatever its period. */
export const isNamedIn = (groupId: Id) => ({
  $or: [{ 'memberships.group': groupId }, { 'memberships.upcoming': groupId, ...hasPeriods }],
});

/** No membership in this group, whatever its period. */
export const isNotNamedIn = (groupId: Id) => ({
  'memberships.group': { $ne: groupId },
  'memberships.upcoming': { $ne: groupId },
});

/** What is asked of a membership besides its group. */
export interface Wanted {
  /** Memberships that have not begun, instead of those that count now. */
  isUpcoming?: boolean;
  /** Only memberships that end before this. */
  endingBefore?: Date | undefined;
}

/** Exactly the users with such a membership in one of these groups at this moment, by the clock alone. */
export function hasMembership(groupIds: Id[], at: Date, { isUpcoming = false, endingBefore }: Wanted = {}) {
  return {
    memberships: {
      $elemMatch: {
        ...either({ $in: groupIds }),
        from: isUpcoming ? { $gt: at } : { $not: { $gt: at } },
        until: endingBefore ? { $gt: at, $lt: endingBefore } : { $not: { $lte: at } },
      },
    },
  };
}

/** Of the memberships that are stored now, those that counted at an earlier moment. */
export const hadMembership = (groupId: Id, at: Date) => ({
  memberships: {
    $elemMatch: {
      ...either(groupId),
      since: { $lte: at },
      from: { $not: { $gt: at } },
      until: { $not: { $lte: at } },
    },
  },
});

export const hasNoMembership = (groupIds: Id[], at: Date) => ({
  memberships: { $not: hasMembership(groupIds, at).memberships },
});

/** The entries of the index of members: exact while no document is due. */
export const isListedIn = (groupIds: Id[]) => ({
  'memberships.group': groupIds.length === 1 ? groupIds[0]! : { $in: groupIds },
});

/** The entries of the index of upcoming members: exact while no document is due. */
export const isUpcomingIn = (groupIds: Id[]) => ({
  'memberships.upcoming': groupIds.length === 1 ? groupIds[0]! : { $in: groupIds },
  ...hasPeriods,
});

/** The entries of the index of ends. */
export const endsIn = (groupIds: Id[], at: Date, endingBefore: Date) => ({
  ...hasPeriods,
  memberships: { $elemMatch: { group: { $in: groupIds }, until: { $gt: at, $lt: endingBefore } } },
});

export const isNotListedIn = (groupIds: Id[]) => ({ 'memberships.group': { $nin: groupIds } });

export const byGroup = { 'memberships.group': 1, 'order.address': 1 } as const;
export const byUpcoming = { 'memberships.upcoming': 1, 'order.address': 1 } as const;
export const byEnd = { 'memberships.group': 1, 'memberships.until': 1 } as const;
export const byChange = { membershipsChangeAt: 1 } as const;
