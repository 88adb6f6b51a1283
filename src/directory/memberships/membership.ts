import { z } from 'zod';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Count } from '../../platform/paging.ts';
import { usernameShape, type User } from '../users/user.ts';
import type { Membership, Period } from './period.ts';

export const NotAMember = defineError('missing', 'not_a_member', 'This user is not a member of this group.');

export const NotAnOwner = defineError('missing', 'not_an_owner', 'This user is not an owner of this group.');
export const TooManyOwners = defineError('conflict', 'too_many_owners', 'This group has the maximum number of owners.');

export const MOST_OWNERS = 50;
export const MOST_AT_ONCE = 10_000;
export const MOST_GROUPS = 1000;

/** The users that a call names, by ID or username. */
export type Named = { userIds: Id[] } | { usernames: string[] };

export const namedShape = z
  .strictObject({
    user_ids: listOf(idShape)
      .optional()
      .meta({ example: ['4be2eff2574323ce'] }),
    usernames: listOf(usernameShape).optional().meta({ description: 'Instead of `user_ids`.' }),
  })
  .refine((body) => (body.user_ids === undefined) !== (body.usernames === undefined), {
    message: 'must have either user_ids or usernames',
  });

export function listOf(shape: z.ZodType<string, string>) {
  return z
    .array(shape)
    .min(1, 'must have at least one user')
    .max(MOST_AT_ONCE, `must have at most ${MOST_AT_ONCE} users`)
    .transform((names) => [...new Set(names)]);
}

export function toNamed(body: { user_ids?: Id[] | undefined; usernames?: string[] | undefined }): Named {
  return body.user_ids ? { userIds: body.user_ids } : { usernames: body.usernames ?? [] };
}

export const ADD_OUTCOMES = ['added', 'already_member', 'no_such_user', 'not_a_customer'] as const;
export const REMOVE_OUTCOMES = ['removed', 'not_a_member', 'no_such_user'] as const;
export type AddOutcome = (typeof ADD_OUTCOMES)[number];
export type RemoveOutcome = (typeof REMOVE_OUTCOMES)[number];

/** The outcome for a user that a call named; an unknown ID or username stands alone. */
export interface Item<Outcome> {
  userId: Id | null;
  username: string | null;
  outcome: Outcome;
}

/** Every item's outcome and how many there are of each. */
export function outcomesReply<Outcome extends string>(outcomes: readonly [Outcome, ...Outcome[]]) {
  const item = z.strictObject({
    user_id: z.string().nullable(),
    username: z.string().nullable(),
    outcome: z.enum(outcomes),
  });
  const counts = z.strictObject(
    Object.fromEntries(outcomes.map((outcome) => [outcome, z.number().int()])) as Record<Outcome, z.ZodNumber>,
  );
  return z.strictObject({ counts, items: z.array(item) });
}

export function presentOutcomes<Outcome extends string>(outcomes: readonly Outcome[], items: Item<Outcome>[]) {
  const count = (outcome: Outcome) => items.filter((item) => item.outcome === outcome).length;
  return {
    counts: Object.fromEntries(outcomes.map((outcome) => [outcome, count(outcome)])) as Record<Outcome, number>,
    items: items.map(({ userId, username, outcome }) => ({ user_id: userId, username, outcome })),
  };
}

/** A user as a group sees them. */
export interface Candidate {
  id: Id;
  username: string;
  isCustomer: boolean;
  /** The one in this group, also if it has not begun or has ended. */
  membership?: Membership | undefined;
}

/** Who adds a member, when and how. */
export type Origin = Pick<Membership, 'since' | 'by' | 'source' | 'job'>;

/** A user to add. */
export interface Addition {
  userId: Id;
  period: Period;
}

/** A membership that began or ended with time. */
export interface Turn {
  user: { id: Id; username: string };
  membership: Membership;
}

/** A group that is no more. Kept, so that the past of its members can be told. */
export interface DeletedGroup {
  id: Id;
  /** The last one. */
  name: string;
  createdAt: Date;
  deletedAt: Date;
  /** Who deleted it. */
  by: string;
}

export interface MembershipStore {
  /** The groups with the most direct members, and how many each has; reads every membership. */
  largest(limit: number, at: Date): Promise<{ id: Id; members: number }[]>;
  /** How many members each of these groups has at this moment; never counted far. */
  countsOf(groupIds: Id[], at: Date): Promise<Map<Id, Count>>;
  /** Those of the named who exist. */
  candidates(groupId: Id, named: Named): Promise<Candidate[]>;
  /** Adds customers that have no membership in the group; nobody twice. */
  add(groupId: Id, additions: Addition[], origin: Origin): Promise<void>;
  remove(groupId: Id, userIds: Id[]): Promise<void>;
  /** Gives a membership another period; false if the user has none in this group. */
  setPeriod(groupId: Id, userId: Id, period: Period, at: Date): Promise<boolean>;
  /** Adds one customer to some groups and removes them from others. */
  change(userId: Id, change: { add: Id[]; remove: Id[] }, origin: Origin): Promise<void>;
  /**
   * Brings up to `limit` documents in line with the clock: memberships that have ended go, those that have begun become
   * visible to the index of members. Joins the caller's transaction.
   */
  settle(at: Date, limit: number): Promise<{ began: Turn[]; ended: Turn[]; documents: number }>;
  /** Ordered by address. */
  ownersOf(groupId: Id): Promise<User[]>;
  /** False when nothing changed. */
  addOwner(groupId: Id, userId: Id): Promise<boolean>;
  removeOwner(groupId: Id, userId: Id): Promise<boolean>;
  /** Remembers that a group is gone and its members' documents still name it; it has no owners any more. */
  markDeleted(group: DeletedGroup): Promise<void>;
  /** Those that members' documents may still name: not purged once, or deleted before this and not purged for good. */
  unpurgedGroups(settledBefore: Date): Promise<DeletedGroup[]>;
  /** Of these groups, those that were not purged for good. */
  unpurgedAmong(ids: Id[]): Promise<DeletedGroup[]>;
  /** Takes the group out of at most `limit` documents and returns what was there. Joins the caller's transaction. */
  purge(groupId: Id, limit: number): Promise<Turn[]>;
  /** No document names it; `for good` when none will any more. */
  markPurged(groupId: Id, how: 'once' | 'for good'): Promise<void>;
  /** Of these IDs, the groups that were deleted, whenever. */
  findDeleted(ids: Id[]): Promise<DeletedGroup[]>;
}
