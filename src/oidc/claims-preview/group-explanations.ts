import type { Id } from '../../platform/ids.ts';
import type { ClaimPolicy, ClaimUse } from '../../directory/applications/claim-policy.ts';
import { exclusionOf, valuesOf } from '../../directory/applications/claimed-groups.ts';
import { lineOf } from '../../directory/groups/group-path.ts';
import type { Group } from '../../directory/groups/group.ts';
import { effectiveGroups } from '../../directory/memberships/effective.ts';
import { endOf } from '../../directory/memberships/ends.ts';
import type { PastMembership } from '../../directory/memberships/history.ts';
import type { Membership } from '../../directory/memberships/period.ts';
import { isIncluded, type GroupExplanation, type Reason } from './group-explanation.ts';

/** What is known of a user with an application. */
export interface Known {
  policy: ClaimPolicy;
  /** Why the application gets no tokens. */
  refusal?: Extract<Reason, 'user_disabled' | 'no_access' | 'not_issued'> | undefined;
  /** Whether the scope `groups` is among those of the tokens. */
  hasScope: boolean;
  /** The payloads that were previewed. */
  payloads: Partial<Record<ClaimUse, Record<string, unknown>>>;
  current: Membership[];
  upcoming: Membership[];
  ended: PastMembership[];
  /** Those of the memberships and their parent groups, as far as they may be seen. */
  groups: Group[];
  at: Date;
}

/** The memberships of one kind, and what follows from them. */
interface Followed {
  /** By group, those that put the user into it. */
  memberships: Map<Id, Membership[]>;
  paths: Map<Id, Group[][]>;
}

/** Explains the groups of a user, each on its own. */
export function createExplain(known: Known) {
  const { policy, refusal, hasScope, payloads, groups, at } = known;
  const current = follow(known.current, groups);
  const upcoming = follow(known.upcoming, groups);
  const ended = follow(
    known.ended.map(({ membership, end }) => ({ ...membership, until: end })),
    groups,
  );

  function explain(group: Group): GroupExplanation {
    const { reason: membershipReason, followed } = membershipIn(group);
    const leading = followed.memberships.get(group.id) ?? [];
    const isDirect = leading.some((each) => each.group === group.id);
    const distributedIn = membershipReason ? [] : usesWhere((claims) => isDistributed(claims, policy.claim));
    const reason =
      (refusal === 'user_disabled' ? refusal : undefined) ??
      membershipReason ??
      refusal ??
      claimReason(group, isDirect) ??
      includedReason(isDirect, distributedIn);
    const values = isIncluded(reason) ? valuesOf(policy, [group], groups, at) : [];
    return {
      group,
      reason,
      values,
      includedIn: values.length > 0 ? usesWhere((claims) => lists(claims[policy.claim], values)) : [],
      distributedIn: isIncluded(reason) ? distributedIn : [],
      isDirect,
      paths: followed.paths.get(group.id) ?? [],
      ...(reason === 'membership_not_begun' ? { from: firstBeginning(leading) } : {}),
      ...untilOf(leading, followed === upcoming),
    };
  }

  /** Why the user is not in the group; undefined for a member. */
  function membershipIn({ id }: Group): { reason?: Reason; followed: Followed } {
    if (current.memberships.has(id)) return { followed: current };
    if (upcoming.memberships.has(id)) return { reason: 'membership_not_begun', followed: upcoming };
    if (ended.memberships.has(id)) return { reason: 'membership_ended', followed: ended };
    return { reason: 'not_a_member', followed: current };
  }

  function claimReason(group: Group, isDirect: boolean): Reason | undefined {
    if (!hasScope) return 'scope_not_granted';
    if (policy.tokens.length === 0) return 'not_in_tokens';
    return exclusionOf(policy, group, { isDirect, at });
  }

  // A cast, because the keys of a record are no more than strings to the compiler.
  const usesWhere = (holds: (claims: Record<string, unknown>) => boolean) =>
    Object.entries(payloads).flatMap(([use, claims]) => (holds(claims) ? [use as ClaimUse] : []));

  return {
    explain,
    /** Groups that the user is in, will be in, or was in lately. */
    isNear: ({ id }: Group) => [current, upcoming, ended].some(({ memberships }) => memberships.has(id)),
  };
}

function includedReason(isDirect: boolean, distributedIn: ClaimUse[]): Reason {
  if (distributedIn.length > 0) return 'distributed_claim';
  return isDirect ? 'direct_member' : 'inherited_member';
}

const isDistributed = ({ _claim_names: names }: Record<string, unknown>, claim: string): boolean =>
  typeof names === 'object' && names !== null && claim in names;

const lists = (list: unknown, values: string[]): boolean =>
  Array.isArray(list) && values.every((value) => list.includes(value));

function follow(memberships: Membership[], groups: Group[]): Followed {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const found = new Map<Id, Membership[]>();
  for (const membership of memberships) {
    const group = byId.get(membership.group);
    for (const { id } of group ? lineOf(group, (each) => byId.get(each)) : [])
      found.set(id, [...(found.get(id) ?? []), membership]);
  }
  const effective = effectiveGroups(memberships, groups);
  return { memberships: found, paths: new Map(effective.map(({ group, paths }) => [group.id, paths])) };
}

const firstBeginning = (leading: Membership[]): Date =>
  new Date(Math.min(...leading.map(({ from }) => from?.getTime() ?? 0)));

/** When the last of them ends; of one that has not begun, nobody asks yet. */
function untilOf(leading: Membership[], isUpcoming: boolean): { until?: Date } {
  const end = Math.max(0, ...leading.map(endOf));
  return isUpcoming || end === 0 || end === Infinity ? {} : { until: new Date(end) };
}
