import { visibleGroups } from '../applications/claimed-groups.ts';
import type { ClaimRequest } from '../module.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Id } from '../../platform/ids.ts';
import type { Group } from '../groups/group.ts';
import type { User } from '../users/user.ts';
import { endOf, endsOfGroups, type End } from './ends.ts';
import { hasPeriods, type Membership } from './period.ts';

export interface ClaimedOptions {
  /** The memberships that a user has now. */
  current(user: User): Membership[];
  /** These groups and their parent groups. */
  groupsByIds(ids: Id[]): Promise<Group[]>;
  now: Clock;
}

/** The groups of a user as an application may know them. */
export interface Claimed {
  visible: Group[];
  /** With their parent groups, also those that the application may not know. */
  all: Group[];
  /** When the user leaves a group, as far as the application sees it: without parent groups, only direct memberships count. */
  endIn(group: Group): End;
}

/** Resolves the groups of a user under the application's claim policy. The one place where claims and their ends begin. */
export async function claimedGroups(
  { current, groupsByIds, now }: ClaimedOptions,
  { user, application: { claimPolicy: policy }, visibleGroups: seen }: ClaimRequest,
): Promise<Claimed> {
  const memberships = current(user);
  const direct = memberships.map(({ group }) => group);
  const known = await groupsByIds(direct);
  const all = seen ? await seen(known) : known;
  const ends = policy.directOnly
    ? new Map(memberships.map((membership) => [membership.group, endOf(membership)]))
    : endsOfGroups(memberships, known);
  return {
    visible: visibleGroups(policy, direct, all, now()),
    all,
    endIn: ({ id }) => ends.get(id) ?? Infinity,
  };
}

/** Whether one of the memberships that a user has now ends. */
export const mayEnd =
  ({ current }: Pick<ClaimedOptions, 'current'>) =>
  (user: User): boolean =>
    hasPeriods(user.memberships) && current(user).some(({ until }) => until !== undefined);
