import { z } from 'zod';
import type { Policy } from '../admin-roles/policy.ts';
import type { Clock } from '../../platform/clock.ts';
import { idShape, type Id, type NewId } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import { newRoleShape, roleChangeShape, type Role } from '../../directory/roles/role.ts';
import { faultsOfNeeds, ifChanged, timeShape, type ColumnsOf, type Kind, type RecordStore } from './record-type.ts';
import type { CellForm } from './row.ts';

const shape = z.strictObject({
  role_id: idShape.optional(),
  name: newRoleShape.shape.name,
  description: roleChangeShape.shape.description,
  requires_second_factor: roleChangeShape.shape.requires_second_factor,
  created_at: timeShape.optional(),
  updated_at: timeShape.optional(),
});

type RoleRow = z.output<typeof shape>;

type RoleColumn = ColumnsOf<
  Role,
  RoleRow,
  {
    id: 'role_id';
    name: 'name';
    description: 'description';
    requiresSecondFactor: 'requires_second_factor';
    createdAt: 'created_at';
    updatedAt: 'updated_at';
  }
>;

export interface RoleRowsOptions {
  store: RecordStore<Role>;
  newId: NewId;
  now: Clock;
  policy: Pick<Policy, 'writeRole'>;
  /** Drops what this process remembers of a role. */
  forget(roleId: Id): void;
}

export const roleColumns = {
  role_id: 'optional',
  name: 'text',
  description: 'text',
  requires_second_factor: 'flag',
  created_at: 'optional',
  updated_at: 'optional',
} as const satisfies Record<RoleColumn, CellForm>;

export function roleRows({ store, newId, now, policy, forget }: RoleRowsOptions): Kind<RoleRow, Role> {
  function create(row: RoleRow): Role {
    const at = now();
    return {
      id: row.role_id ?? newId(),
      name: row.name,
      description: row.description ?? '',
      requiresSecondFactor: row.requires_second_factor ?? false,
      createdAt: row.created_at ?? at,
      updatedAt: row.updated_at ?? at,
    };
  }

  function change(row: RoleRow, existing: Role): Role {
    const description = row.description ?? existing.description;
    const requiresSecondFactor = row.requires_second_factor ?? existing.requiresSecondFactor;
    return ifChanged(existing, { ...existing, description, requiresSecondFactor }, now());
  }

  return {
    columns: roleColumns,
    secretColumns: [],
    shape,
    identify: (row) => ({ key: nameKey(row.name), id: row.role_id }),
    identityOf: ({ id, name }) => ({ key: nameKey(name), id, name }),
    store,
    powersOf: () => [],
    async plan(_rows, { actor }) {
      const faults = faultsOfNeeds(actor, policy.writeRole());
      return {
        settle(row, existing) {
          if (faults.length > 0) return { faults };
          return { thing: existing ? change(row, existing) : create(row) };
        },
        afterwards: ({ updated }) => updated.forEach(({ before }) => forget(before.id)),
      };
    },
    present: async (roles): Promise<Record<RoleColumn, unknown>[]> =>
      roles.map((role) => ({
        role_id: role.id,
        name: role.name,
        description: role.description,
        requires_second_factor: role.requiresSecondFactor,
        created_at: role.createdAt.toISOString(),
        updated_at: role.updatedAt.toISOString(),
      })),
  };
}
