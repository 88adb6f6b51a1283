import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { MOST_LEVELS } from '../groups/ancestry.ts';
import type { Group } from '../groups/group.ts';
import type { Role } from '../roles/role.ts';
import { endsOfGroups, type End } from './ends.ts';
import { type Membership, membershipReply, presentMembership } from './period.ts';

/** A group that a user is in, and why. */
export interface EffectiveGroup {
  group: Group;
  isDirect: boolean;
  /** The direct membership. */
  membership?: Membership | undefined;
  /** When the last of the memberships ends that put the user into this group; Infinity for never. */
  end: End;
  /** Each begins at a group that they are directly in and ends at the one that this group is the parent of. */
  paths: Group[][];
}

/** A role that a user has, and the groups that give it. */
export interface EffectiveRole {
  role: Role;
  groups: Group[];
}

/** No more ways are named for one group; one is enough to see why. */
const MOST_PATHS = 5;

/** So many groups are named that grant one role. */
const MOST_GIVERS = 20;

/** `groups` are those of the memberships and their parent groups. */
export function effectiveGroups(memberships: Membership[], groups: Group[]): EffectiveGroup[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const direct = new Map(memberships.map((membership) => [membership.group, membership]));
  const ends = endsOfGroups(memberships, groups);
  const paths = new Map<Id, Group[][]>(groups.map(({ id }) => [id, []]));
  for (const id of direct.keys()) {
    const path: Group[] = [];
    let here = byId.get(id);
    // Bounded, since only the import could have made a circle.
    while (here && path.length < MOST_LEVELS) {
      const known = paths.get(here.id)!;
      if (path.length > 0 && known.length < MOST_PATHS) known.push([...path]);
      path.push(here);
      here = here.parentId === undefined ? undefined : byId.get(here.parentId);
    }
  }
  return groups.map((group) => ({
    group,
    isDirect: direct.has(group.id),
    membership: direct.get(group.id),
    end: ends.get(group.id) ?? Infinity,
    paths: paths.get(group.id) ?? [],
  }));
}

/** `roles` are those of the groups. */
export function effectiveRoles(groups: Group[], roles: Role[]): EffectiveRole[] {
  const givers = new Map<Id, Group[]>(roles.map(({ id }) => [id, []]));
  for (const group of groups) for (const id of group.roleIds) givers.get(id)?.push(group);
  return roles.map((role) => ({ role, groups: givers.get(role.id) ?? [] }));
}

const named = z.strictObject({ group_id: idShape, name: z.string() });

export const effectiveGroupReply = named
  .extend({
    description: z.string(),
    is_direct: z.boolean().meta({ description: 'Whether the user is a direct member of this group.' }),
    membership: membershipReply.nullable().meta({ description: 'The direct membership, or null.' }),
    until: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'When the last membership ends that puts the user into this group; null for never.' }),
    paths: z.array(z.array(named)).meta({
      description: `Where an inherited membership comes from: paths from a group with a direct membership up to a subgroup of this group. At most ${MOST_PATHS} paths.`,
    }),
  })
  .meta({ id: 'EffectiveGroup' });

export const effectiveRoleReply = z
  .strictObject({
    role_id: idShape,
    name: z.string(),
    description: z.string(),
    groups: z.array(named).meta({ description: `Groups that grant the role, at most ${MOST_GIVERS}.` }),
    group_count: z.number().int().meta({ description: 'How many groups grant the role.' }),
  })
  .meta({ id: 'EffectiveRole' });

const presentName = ({ id, name }: Group): z.input<typeof named> => ({ group_id: id, name });

export const presentEffectiveGroup = ({
  group,
  isDirect,
  membership,
  end,
  paths,
}: EffectiveGroup): z.input<typeof effectiveGroupReply> => ({
  ...presentName(group),
  description: group.description,
  is_direct: isDirect,
  membership: membership ? presentMembership(membership) : null,
  until: end === Infinity ? null : unixSeconds(new Date(end)),
  paths: paths.map((path) => path.map(presentName)),
});

export const presentEffectiveRole = ({ role, groups }: EffectiveRole): z.input<typeof effectiveRoleReply> => ({
  role_id: role.id,
  name: role.name,
  description: role.description,
  groups: groups.slice(0, MOST_GIVERS).map(presentName),
  group_count: groups.length,
});
