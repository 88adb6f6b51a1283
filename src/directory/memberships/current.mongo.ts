import type { Id } from '../../platform/ids.ts';

// Conditions on who is a member now. No other file queries stored memberships.

/** Of a user's memberships, the one in this group. */
export const membershipIn = (groupId: Id) => ({ group: groupId });

export const isIn = (groupId: Id) => ({ 'memberships.group': groupId });

export const isInAny = (groupIds: Id[]) => ({ 'memberships.group': { $in: groupIds } });

export const isNotIn = (groupId: Id) => ({ 'memberships.group': { $ne: groupId } });
