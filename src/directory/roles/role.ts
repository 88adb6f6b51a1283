import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { descriptionShape, nameShape } from '../../platform/names.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';

/** What members of a group may do, in the words of the applications that read the `roles` claim. */
export interface Role {
  id: Id;
  /** Unique without regard to case. */
  name: string;
  description: string;
  /** Require MFA for users with this role. */
  requiresSecondFactor: boolean;
  createdAt: Date;
  updatedAt: Date;
}

export const RoleNotFound = defineError('missing', 'role_not_found', 'No role has this ID.');
export const RoleNameTaken = defineError('conflict', 'role_name_taken', 'A role with this name already exists.');

const requiresSecondFactor = z.boolean().meta({ description: 'Require MFA for users with this role.' });

export const newRoleShape = z.strictObject({
  name: nameShape.meta({ example: 'editor' }),
  description: descriptionShape.default(''),
  requires_second_factor: requiresSecondFactor.default(false),
});

export const roleChangeShape = z.strictObject({
  name: nameShape.optional(),
  description: descriptionShape.optional(),
  requires_second_factor: requiresSecondFactor.optional(),
});

export type NewRole = z.output<typeof newRoleShape>;
export type RoleChange = z.output<typeof roleChangeShape>;

export const roleReply = z
  .strictObject({
    role_id: idShape,
    name: z.string(),
    description: z.string(),
    requires_second_factor: z.boolean(),
    created_at: z.number().int(),
    updated_at: z.number().int(),
  })
  .meta({ id: 'Role' });

export function presentRole(role: Role): z.input<typeof roleReply> {
  return {
    role_id: role.id,
    name: role.name,
    description: role.description,
    requires_second_factor: role.requiresSecondFactor,
    created_at: unixSeconds(role.createdAt),
    updated_at: unixSeconds(role.updatedAt),
  };
}

/** What roles are searched by. Everything given must hold. */
export interface RoleCriteria {
  /** The beginning of the name, in any case. */
  q?: string | undefined;
  /** Only these roles are visible to the actor. */
  visible?: ReadonlySet<Id> | undefined;
}

export interface RoleStore {
  insert(role: Role): Promise<'inserted' | 'duplicate'>;
  find(id: Id): Promise<Role | undefined>;
  findMany(ids: Id[]): Promise<Role[]>;
  /** Ordered by name. */
  list(criteria: RoleCriteria, page: PageRequest): Promise<Page<Role>>;
  update(id: Id, change: RoleChange, at: Date): Promise<Role | 'duplicate' | 'missing'>;
  remove(id: Id): Promise<Role | undefined>;
}
