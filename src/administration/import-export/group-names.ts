import type { Id } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import { withParents } from '../../directory/groups/ancestry.ts';
import { keysOfNames } from '../../directory/groups/former-names.ts';
import { lineOf, namesAfterParents, writePath } from '../../directory/groups/group-path.ts';
import type { Group, GroupStore } from '../../directory/groups/group.ts';
import type { GroupRow } from './group-row.ts';
import type { RowFault } from './row.ts';

/** A group that a row cannot have a name of. */
interface Holder {
  id: Id;
  /** The keys of its current and former names. */
  keys: readonly string[];
  path: string;
  name: string;
}

export type GroupNames = ReturnType<typeof createGroupNames>;

/** The names that rows of one batch want, and the groups that have them. */
export interface NamesOfBatch {
  /** What is wrong with the names of a row, by what the rows before it have made of what is there. */
  faultsOf(row: GroupRow, existing: Group | undefined): RowFault[];
  /** What a row comes to. */
  take(group: Group): void;
}

/**
 * Former names of groups, which no other group can have. The rows of a file find groups by their current names alone: who means
 * another group by a former name must not change the one that had it.
 */
export function createGroupNames(store: Pick<GroupStore, 'findMany' | 'findByNames'>) {
  /** The paths of the groups that had one of these names before, by the key of the name. */
  async function pathsByFormerName(names: string[]): Promise<Map<string, string>> {
    const holders = [...(await holdersOf(names))].filter(([key, { name }]) => key !== nameKey(name));
    return new Map(holders.map(([key, { path }]) => [key, path]));
  }

  /** The groups that have these names or had them before. */
  async function holdersOf(names: string[]): Promise<Map<string, Holder>> {
    const found = names.length > 0 ? await store.findByNames(names) : [];
    const groups = await withParents(
      found.map(({ id }) => id),
      store.findMany,
    );
    const byId = new Map(groups.map((group) => [group.id, group]));
    const pathOf = (group: Group) => writePath(lineOf(group, (id) => byId.get(id)).map(({ name }) => name));
    const holders = found.map((group) => holderOf(group, pathOf(group)));
    return new Map(holders.flatMap((holder) => holder.keys.map((key) => [key, holder] as const)));
  }

  async function ofBatch(rows: GroupRow[]): Promise<NamesOfBatch> {
    const holders = await holdersOf(rows.flatMap(namesIn));
    // A name that another row gives free is taken until the file is imported, since the order of writes is not that of rows.
    const reasonFor = (name: string, { id, existing }: { id: Id | undefined; existing: boolean }) => {
      const holder = holders.get(nameKey(name));
      if (!holder || (existing && holder.id === id)) return undefined;
      const isFormer = nameKey(holder.name) !== nameKey(name);
      return `'${name}' ${isFormer ? 'is a former name of' : 'belongs to'} the group '${holder.path}'`;
    };
    return {
      faultsOf(row, existing) {
        const self = { id: existing?.id, existing: existing !== undefined };
        const wanted = [
          ...(row.name !== undefined && !existing ? [{ column: 'name', name: row.name }] : []),
          ...(row.former_names ?? []).map(({ name }) => ({ column: 'former_names', name })),
        ];
        const isOwn = (row.former_names ?? []).some(({ name }) => name === (existing?.name ?? row.name));
        return [
          ...(isOwn ? [{ column: 'former_names', reason: 'must not have the name of the group' }] : []),
          ...wanted.flatMap(({ column, name }) => {
            const reason = reasonFor(name, self);
            return reason ? [{ column, reason }] : [];
          }),
        ];
      },
      take(group) {
        const holder = holderOf(group, writePath([group.name]));
        for (const key of holder.keys) holders.set(key, holder);
      },
    };
  }

  return { pathsByFormerName, ofBatch };
}

const holderOf = (group: Group, path: string): Holder => ({
  id: group.id,
  name: group.name,
  keys: keysOfNames(group),
  path,
});

/** Every name that a row can come to. */
const namesIn = ({ name, path, former_names: former = [] }: GroupRow): string[] => [
  ...(name === undefined ? [] : [name]),
  ...(path ? [path.at(-1)!, ...namesAfterParents(path)] : []),
  ...former.map((each) => each.name),
];
