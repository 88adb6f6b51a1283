import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape } from '../../platform/ids.ts';
import { CLAIM_USES, type ClaimUse } from '../../directory/applications/claim-policy.ts';
import { EXCLUSIONS } from '../../directory/applications/claimed-groups.ts';
import type { Group } from '../../directory/groups/group.ts';

/** Why an application receives a group. */
export const INCLUDED = ['direct_member', 'inherited_member', 'distributed_claim'] as const;

/** Why an application receives a group of a user, or does not: of several reasons, the first of this list. */
export const REASONS = [
  'user_disabled',
  'not_a_member',
  'membership_ended',
  'membership_not_begun',
  'no_access',
  'not_issued',
  'scope_not_granted',
  'not_in_tokens',
  ...EXCLUSIONS,
  ...INCLUDED,
] as const;
export type Reason = (typeof REASONS)[number];

export const isIncluded = (reason: Reason): boolean => (INCLUDED as readonly Reason[]).includes(reason);

/** A group, and whether and why an application receives it about a user. */
export interface GroupExplanation {
  group: Group;
  reason: Reason;
  /** What the claim lists for it. */
  values: string[];
  /** Where it is listed, and where the list is a distributed claim. */
  includedIn: ClaimUse[];
  distributedIn: ClaimUse[];
  isDirect: boolean;
  /** Each begins at a group that the user is directly in and ends at a subgroup of this one. */
  paths: Group[][];
  /** When the membership begins, if it has not. */
  from?: Date | undefined;
  /** When it ends, or ended. */
  until?: Date | undefined;
}

const named = z.strictObject({ group_id: idShape, name: z.string() });
const uses = z.array(z.enum(CLAIM_USES));
const time = z.number().int().nullable();

export const groupExplanationReply = named
  .extend({
    is_included: z.boolean(),
    reason: z.enum(REASONS).meta({ description: 'The first reason that holds, in this order.' }),
    explanation: z.string().meta({
      description: 'The reason as a sentence.',
      example: 'Ada is a member of Crew through its subgroup Pilots, so Grafana receives it.',
    }),
    values: z.array(z.string()).meta({ description: 'What the claim lists for the group.' }),
    included_in: uses.meta({ description: 'Where the claim lists it.' }),
    distributed_in: uses.meta({ description: 'Where the list is a distributed claim.' }),
    is_direct: z.boolean(),
    paths: z.array(z.array(named)).meta({
      description:
        'Where an inherited membership comes from: paths from a group with a direct membership up to a subgroup of this group.',
    }),
    from: time.meta({ description: 'When the membership begins; null if it has begun.' }),
    until: time.meta({ description: 'When the last membership ends that puts the user into the group, or ended.' }),
    prefix: z.string().nullable().meta({ description: 'The prefix of the claim policy that the name does not have.' }),
  })
  .meta({ id: 'GroupExplanation' });

const presentName = ({ id, name }: Group): z.input<typeof named> => ({ group_id: id, name });
const seconds = (at: Date | undefined) => (at ? unixSeconds(at) : null);

export const presentGroupExplanation = (
  { group, reason, values, includedIn, distributedIn, isDirect, paths, from, until }: GroupExplanation,
  { explanation, prefix }: { explanation: string; prefix: string },
): z.input<typeof groupExplanationReply> => ({
  ...presentName(group),
  is_included: isIncluded(reason),
  reason,
  explanation,
  values,
  included_in: includedIn,
  distributed_in: distributedIn,
  is_direct: isDirect,
  paths: paths.map((path) => path.map(presentName)),
  from: seconds(from),
  until: seconds(until),
  prefix: reason === 'prefix_differs' ? prefix : null,
});
