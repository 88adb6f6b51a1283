import type { Id } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import { withParents } from '../../directory/groups/ancestry.ts';
import {
  groupAt,
  keysOnPath,
  lineOf,
  namesAfterParents,
  parsePath,
  writePath,
  type KnownGroups,
} from '../../directory/groups/group-path.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { GroupRow } from './group-row.ts';
import type { Located, LocateOrder, Locator, Present, RecordStore } from './record-type.ts';

type FindGroups = Pick<RecordStore<Group>, 'find'>;

/** Gives rows with a path the name and the parent group that they come to. */
export function groupLocator(store: FindGroups): Locator<GroupRow, Group> {
  return {
    keysOf: (row) => (row.path ? keysOnPath(row.path) : [nameKey(row.name!)]),
    async plan(present, order) {
      const known = await knownGroups(store, present);
      /** The path with which a row of the batch meant a group, by the key of the group's name. */
      const paths = new Map<string, string>();
      return {
        locate(row) {
          if (!row.path) return { row };
          const located = locate(row, row.path, known, order);
          if ('faults' in located) return located;
          const key = nameKey(located.row.name!);
          const path = writePath(row.path);
          const other = paths.get(key);
          // A group of the other product may be called what a group gets that is named after its parent.
          if (other !== undefined && nameKey(other) !== nameKey(path) && present.byKey(key))
            return fault(`names the same group as the path '${other}'`);
          paths.set(key, path);
          return located;
        },
      };
    },
  };
}

interface Known extends KnownGroups {
  pathOf(group: Group): string;
}

async function knownGroups(store: FindGroups, present: Present<Group>): Promise<Known> {
  const ids = present.all().map(({ id }) => id);
  const parents = await withParents(ids, (wanted) => store.find([], wanted));
  const stored = new Map(parents.map((group) => [group.id, group]));
  const byId = (id: Id) => present.byId(id) ?? stored.get(id);
  return {
    byKey: present.byKey,
    parentIdOf: ({ parentId }) => (parentId === undefined ? undefined : byId(parentId)?.id),
    pathOf: (group) => writePath(lineOf(group, byId).map(({ name }) => name)),
  };
}

function locate(row: GroupRow, path: string[], known: Known, order: LocateOrder): Located<GroupRow> {
  const there = groupAt(path, known);
  if (there) return { row: { ...row, name: there.name } };
  const names = path.slice(0, -1);
  const parent = names.length > 0 ? groupAt(names, known) : undefined;
  // A dry run has written nothing of the rows before the batch, and any of them may be the parent group.
  const isUnwritten = order.options.dryRun && order.rowsBefore > 0;
  if (names.length > 0 && !parent && !isUnwritten)
    return fault(`the parent group '${writePath(names)}' does not exist and is not in an earlier row`);
  const name = freeName(path, known, order.options.renameGroups);
  if ('faults' in name) return name;
  return { row: { ...row, name: name.name, ...(parent ? { parent_id: parent.id } : {}) } };
}

/** A name that no group has: the last one of the path, or if that may be, one after the parent groups. */
function freeName(path: string[], known: Known, mayRename: boolean): { name: string } | ReturnType<typeof fault> {
  const own = path.at(-1)!;
  const holder = known.byKey(nameKey(own));
  if (!holder) return { name: own };
  const name = namesAfterParents(path).find((one) => !known.byKey(nameKey(one)));
  const taken = `the name '${own}' belongs to the group '${known.pathOf(holder)}'`;
  if (name === undefined) return fault(`${taken}, and every name that rename_groups could give is taken or too long`);
  if (mayRename) return { name };
  return fault(`${taken}; with rename_groups, this group is created as '${name}'`);
}

const fault = (reason: string) => ({ faults: [{ column: 'path', reason }] });

/** Names and paths of groups, as rows of users have them, and the groups that they mean. By the keys of the references. */
export async function groupsByReference(store: FindGroups, references: string[]): Promise<Map<string, Group>> {
  const paths = new Map(
    references.flatMap((reference) => {
      const path = pathIn(reference);
      return path ? [[nameKey(reference), path] as const] : [];
    }),
  );
  const keys = new Set([...references.map(nameKey), ...[...paths.values()].flatMap(keysOnPath)]);
  const found = keys.size > 0 ? await store.find([...keys], []) : [];
  const groups = new Map(found.map((group) => [nameKey(group.name), group]));
  const present = { byKey: (key: string) => groups.get(key), byId: () => undefined, all: () => found };
  const known = paths.size > 0 ? await knownGroups(store, present) : undefined;
  return new Map(
    references.map(nameKey).flatMap((key) => {
      const path = paths.get(key);
      // A group that is called so comes first.
      const group = groups.get(key) ?? (path && known ? groupAt(path, known) : undefined);
      return group ? [[key, group] as const] : [];
    }),
  );
}

/** The names in a reference that is a path; undefined for a name. */
function pathIn(reference: string): string[] | undefined {
  if (!reference.startsWith('/')) return undefined;
  const parsed = parsePath(reference);
  return 'names' in parsed ? parsed.names : undefined;
}
