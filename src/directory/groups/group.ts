import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { customDataShape, type CustomData } from '../../platform/custom-data.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { descriptionShape, nameShape } from '../../platform/names.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import { formerNameReply, MOST_FORMER_NAMES, presentFormerName, type FormerName } from './former-names.ts';
import type { GroupCriteria } from './group-search.ts';

/** A named set of customers. Its name is what applications read in the `groups` claim. */
export interface Group {
  id: Id;
  /** Unique without regard to case. */
  name: string;
  /** The oldest first. */
  formerNames: FormerName[];
  description: string;
  /** The parent group. */
  parentId?: Id | undefined;
  roleIds: Id[];
  /** Require MFA for its members. */
  requiresSecondFactor: boolean;
  /** How many days before a membership ends its user and the owners are told; absent for never. */
  endNoticeDays?: number | undefined;
  customData: CustomData;
  createdAt: Date;
  updatedAt: Date;
}

export const GroupNotFound = defineError('missing', 'group_not_found', 'No group has this ID.');
export const GroupNameTaken = defineError('conflict', 'group_name_taken', 'A group with this name already exists.');
export const GroupNameWithComma = defineError(
  'invalid',
  'group_name_with_comma',
  'Group names cannot contain commas, because some applications use commas to separate groups.',
);
export const TooManyFormerNames = defineError(
  'conflict',
  'too_many_former_names',
  `A group has at most ${MOST_FORMER_NAMES} former names. Remove one first.`,
);
export const FormerNameNotFound = defineError(
  'missing',
  'former_name_not_found',
  'The group does not have this former name.',
);
export const UnknownGroup = defineError('invalid', 'unknown_group', 'One of these group IDs does not exist.');
export const GroupCycle = defineError('conflict', 'group_cycle', 'A group cannot be its own subgroup.');
export const NestingTooDeep = defineError('conflict', 'nesting_too_deep', 'Groups cannot be nested this deeply.');
export const GroupHasSubgroups = defineError(
  'conflict',
  'group_has_subgroups',
  'This group has subgroups. Move or delete them first.',
);
export const UnknownRole = defineError('invalid', 'unknown_role', 'One of these role IDs does not exist.');
export const UnknownMember = defineError('invalid', 'unknown_member', 'One of these IDs is not the ID of a customer.');

const MOST_FIRST_MEMBERS = 1000;

const roleIds = z
  .array(idShape)
  .max(100, 'must have at most 100 roles')
  .transform((ids) => [...new Set(ids)])
  .meta({ description: 'Roles of the group’s members.' });

// Left as given, so that a fault can point at the id that it is about.
const memberIds = z.array(idShape).max(MOST_FIRST_MEMBERS, `must have at most ${MOST_FIRST_MEMBERS} users`).meta({
  description: 'The initial members. If one of them cannot be added, the group is not created.',
});

const requiresSecondFactor = z.boolean().meta({ description: 'Require MFA for its members.' });

export const endNoticeDaysShape = z
  .number()
  .int()
  .min(1, 'must be at least 1')
  .max(90, 'must be at most 90')
  .nullable()
  .meta({
    description: 'How many days before a membership ends the user and the owners get an email; null for no emails.',
    example: 14,
  });

const parentId = idShape
  .nullable()
  .meta({ description: 'The parent group, or null. Members of a group are also members of its parent.' });

export const newGroupShape = z.strictObject({
  name: nameShape.meta({ example: 'FC Barcelona fans' }),
  description: descriptionShape.default(''),
  custom_data: customDataShape.default({}),
  role_ids: roleIds.default([]),
  parent_id: parentId.default(null),
  requires_second_factor: requiresSecondFactor.default(false),
  end_notice_days: endNoticeDaysShape.optional(),
  member_ids: memberIds.optional(),
});

export const groupChangeShape = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.optional(),
  custom_data: customDataShape.optional(),
  role_ids: roleIds.optional(),
  parent_id: parentId.optional(),
  requires_second_factor: requiresSecondFactor.optional(),
  end_notice_days: endNoticeDaysShape.optional(),
});

export type NewGroup = z.output<typeof newGroupShape>;
export type GroupChange = z.output<typeof groupChangeShape>;

export const groupReply = z
  .strictObject({
    group_id: idShape,
    name: z.string(),
    former_names: z.array(formerNameReply).meta({
      description:
        'The names that the group had before it was renamed, the oldest first. No other group can have them.',
    }),
    description: z.string(),
    created_at: z.number().int(),
    updated_at: z.number().int(),
    custom_data: z.record(z.string(), z.unknown()),
    role_ids: z.array(idShape),
    parent_id: idShape.nullable(),
    requires_second_factor: z.boolean(),
    end_notice_days: z.number().int().nullable(),
  })
  .meta({ id: 'Group' });

export function presentGroup(group: Group): z.input<typeof groupReply> {
  return {
    group_id: group.id,
    name: group.name,
    former_names: group.formerNames.map(presentFormerName),
    description: group.description,
    created_at: unixSeconds(group.createdAt),
    updated_at: unixSeconds(group.updatedAt),
    custom_data: group.customData,
    role_ids: group.roleIds,
    parent_id: group.parentId ?? null,
    requires_second_factor: group.requiresSecondFactor,
    end_notice_days: group.endNoticeDays ?? null,
  };
}

export interface GroupStore {
  insert(group: Group): Promise<'inserted' | 'duplicate'>;
  find(id: Id): Promise<Group | undefined>;
  findMany(ids: Id[]): Promise<Group[]>;
  /** Those that have one of these names or had it before, ignoring case. */
  findByNames(names: string[]): Promise<Group[]>;
  search(criteria: GroupCriteria, page: PageRequest): Promise<Page<Group>>;
  /** Another name makes the present one a former name. */
  update(id: Id, change: GroupChange, at: Date): Promise<Group | 'duplicate' | 'missing'>;
  /** In a transaction. Undefined if the group does not have it. */
  removeFormerName(id: Id, name: string, at: Date): Promise<Group | undefined>;
  remove(id: Id): Promise<Group | undefined>;
  /** The IDs of the direct subgroups of these groups, at most `limit`. */
  childrenOf(ids: Id[], limit: number): Promise<Id[]>;
  /** In a transaction: makes it the only one that may move groups. */
  lockTree(): Promise<void>;
  /** The ids of groups that have a role, at most `limit`. */
  withRole(roleId: Id, limit: number): Promise<Id[]>;
  /** The ids of the roles that at least one of these groups has. */
  rolesOf(ids: Id[]): Promise<Id[]>;
  /** The IDs of all groups whose members are told before their memberships end. */
  withEndNotice(): Promise<Id[]>;
  /** Takes a role from every group that has it. */
  takeRole(roleId: Id, at: Date): Promise<void>;
}
