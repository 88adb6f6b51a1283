import type { Policy } from '../admin-roles/policy.ts';
import type { Clock } from '../../platform/clock.ts';
import { isSameSet } from '../../platform/changes.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import type { FormerName } from '../../directory/groups/former-names.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { Role } from '../../directory/roles/role.ts';
import type { GroupNames, NamesOfBatch } from './group-names.ts';
import { groupLocator } from './group-paths.ts';
import { groupRowShape, type GroupRow } from './group-row.ts';
import { customDataOf, faultsOfNeeds, ifChanged, type ColumnsOf, type Kind, type RecordStore } from './record-type.ts';
import type { CellForm, RowFault } from './row.ts';

type GroupColumn = ColumnsOf<
  Group,
  GroupRow,
  {
    id: 'group_id';
    name: 'name';
    formerNames: 'former_names';
    description: 'description';
    parentId: 'parent_id';
    roleIds: 'roles';
    requiresSecondFactor: 'requires_second_factor';
    endNoticeDays: 'end_notice_days';
    customData: 'custom_data';
    createdAt: 'created_at';
    updatedAt: 'updated_at';
  }
>;

export interface GroupRowsOptions {
  store: RecordStore<Group>;
  roles: Pick<RecordStore<Role>, 'find'>;
  newId: NewId;
  now: Clock;
  policy: Pick<Policy, 'writeGroup'>;
  /** In a transaction: makes it the only one that may move groups. */
  lockTree(): Promise<void>;
  names: GroupNames;
  /** Ends what is left of deleted groups, whose IDs others are about to get. */
  purgeBeforeReuse(groupIds: Id[]): Promise<void>;
  /** Drops what this process remembers of a group. */
  forget(groupId: Id): void;
}

/** What the rows of one batch share. */
interface Batch {
  /** By the key of their names. */
  roleIds: Map<string, Id>;
  /** What the actor lacks, whatever a row says. */
  refusals: RowFault[];
  names: NamesOfBatch;
}

export const groupColumns = {
  group_id: 'optional',
  name: 'text',
  path: 'optional',
  former_names: 'json',
  description: 'text',
  roles: 'list',
  parent_id: 'optional',
  requires_second_factor: 'flag',
  end_notice_days: 'optional',
  custom_data: 'json',
  created_at: 'optional',
  updated_at: 'optional',
} as const satisfies Record<GroupColumn | 'path', CellForm>;

export function groupRows(options: GroupRowsOptions): Kind<GroupRow, Group> {
  const { store, roles, newId, now, policy, lockTree, names, purgeBeforeReuse, forget } = options;

  function settle(row: GroupRow, existing: Group | undefined, { roleIds, refusals, names: taken }: Batch) {
    const { data, faults } = customDataOf(row, existing?.customData ?? {});
    const all = [...refusals, ...faults, ...unknownRoles(row, roleIds), ...taken.faultsOf(row, existing)];
    if (all.length > 0) return { faults: all };
    const ids = row.roles && [...new Set(row.roles.map((name) => roleIds.get(nameKey(name))!))];
    return { thing: existing ? change(row, existing, data, ids) : create(row, data, ids ?? []) };
  }

  function create(row: GroupRow, customData: Group['customData'], roleIds: Id[]): Group {
    const at = now();
    return {
      id: row.group_id ?? newId(),
      name: row.name!,
      formerNames: row.former_names ?? [],
      description: row.description ?? '',
      roleIds,
      ...(row.parent_id ? { parentId: row.parent_id } : {}),
      requiresSecondFactor: row.requires_second_factor ?? false,
      ...(row.end_notice_days ? { endNoticeDays: row.end_notice_days } : {}),
      customData,
      createdAt: row.created_at ?? at,
      updatedAt: row.updated_at ?? at,
    };
  }

  function change(row: GroupRow, existing: Group, customData: Group['customData'], ids: Id[] | undefined): Group {
    const roleIds = ids && !isSameSet(ids, existing.roleIds) ? ids : existing.roleIds;
    const description = row.description ?? existing.description;
    const requiresSecondFactor = row.requires_second_factor ?? existing.requiresSecondFactor;
    const formerNames = row.former_names ?? existing.formerNames;
    const changed = { ...existing, description, formerNames, customData, roleIds, requiresSecondFactor };
    if (row.parent_id === null) delete changed.parentId;
    else if (row.parent_id) changed.parentId = row.parent_id;
    if (row.end_notice_days === null) delete changed.endNoticeDays;
    else if (row.end_notice_days) changed.endNoticeDays = row.end_notice_days;
    return ifChanged(existing, changed, now());
  }

  async function present(groups: Group[]): Promise<Record<GroupColumn, unknown>[]> {
    const found = await roles.find([], [...new Set(groups.flatMap(({ roleIds }) => roleIds))]);
    const names = new Map(found.map(({ id, name }) => [id, name]));
    return groups.map((group) => ({
      group_id: group.id,
      name: group.name,
      former_names: group.formerNames.length > 0 ? group.formerNames.map(presentFormer) : undefined,
      description: group.description,
      roles: group.roleIds.flatMap((id) => names.get(id) ?? []),
      parent_id: group.parentId,
      requires_second_factor: group.requiresSecondFactor,
      end_notice_days: group.endNoticeDays,
      custom_data: group.customData,
      created_at: group.createdAt.toISOString(),
      updated_at: group.updatedAt.toISOString(),
    }));
  }

  return {
    columns: groupColumns,
    secretColumns: [],
    importColumns: ['path'],
    shape: groupRowShape,
    locator: groupLocator(store),
    identify: (row) => ({ key: nameKey(row.name ?? ''), id: row.group_id }),
    identityOf: ({ id, name }) => ({ key: nameKey(name), id, name }),
    store,
    powersOf: () => [],
    prepare: (rows) => purgeBeforeReuse(rows.flatMap((row) => row.group_id ?? [])),
    async plan(rows, { actor }) {
      const refusals = faultsOfNeeds(actor, policy.writeGroup());
      const keys = [...new Set(rows.flatMap((row) => row.roles ?? []).map(nameKey))];
      const found = keys.length > 0 ? await roles.find(keys, []) : [];
      const roleIds = new Map(found.map(({ id, name }) => [nameKey(name), id]));
      const batch = { roleIds, refusals, names: await names.ofBatch(rows) };
      return {
        settle: (row, existing) => settle(row, existing, batch),
        settled: (group) => batch.names.take(group),
        // A parent group must not be deleted meanwhile.
        writeFirst: ({ created }) => (created.some(({ parentId }) => parentId) ? lockTree() : Promise.resolve()),
        afterwards: ({ updated }) => updated.forEach(({ before }) => forget(before.id)),
      };
    },
    present,
  };
}

const presentFormer = ({ name, renamedAt }: FormerName) => ({ name, renamed_at: renamedAt.toISOString() });

function unknownRoles(row: GroupRow, roleIds: Map<string, Id>): RowFault[] {
  return (row.roles ?? [])
    .filter((name) => !roleIds.has(nameKey(name)))
    .map((name) => ({ column: 'roles', reason: `role '${name}' does not exist` }));
}
