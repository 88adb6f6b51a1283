import { defineError } from '../base/errors.ts';
import type { Id } from '../base/ids.ts';

export const UnknownUser = defineError(
  'invalid',
  'unknown_user',
  'There is no user with one of these ids, so nobody was added.',
);
export const OnlyCustomers = defineError(
  'conflict',
  'only_customers_can_be_members',
  'Only customers can be members of a group. An administrator is among these users, so nobody was added.',
);
export const NotAMember = defineError('missing', 'not_a_member', 'This user is not a member of this group.');

/** What became of each user whom a call wanted to add. */
export interface Added {
  added: Id[];
  alreadyMembers: Id[];
}

/** What became of each user whom a call wanted to remove. */
export interface Removed {
  removed: Id[];
  notMembers: Id[];
}

export interface MembershipStore {
  /** Of these people, those that are in the group. */
  membersAmong(groupId: Id, userIds: Id[]): Promise<Id[]>;
  /** Adds customers that are not in the group yet; nobody twice. */
  add(groupId: Id, userIds: Id[], since: Date, by: string): Promise<void>;
  remove(groupId: Id, userIds: Id[]): Promise<void>;
  /** Remembers that a group is gone and its members' documents still name it. */
  markAbandoned(groupId: Id): Promise<void>;
  abandonedGroups(): Promise<Id[]>;
  /** Takes the group out of at most `limit` documents and returns how many there were. */
  sweep(groupId: Id, limit: number): Promise<number>;
  forgetAbandoned(groupId: Id): Promise<void>;
}
