import type { Id } from '../../platform/ids.ts';
import type { Group } from './group.ts';

/** How deep groups can be nested, including the top one. */
export const MOST_LEVELS = 10;

/**
 * The groups with these IDs and their parent groups: members of a group are also members of its parents. A deleted
 * parent counts as none, and a cycle, which only an import can create, is followed once.
 */
export async function withParents(ids: Id[], groupsByIds: (ids: Id[]) => Promise<Group[]>): Promise<Group[]> {
  const known = new Map<Id, Group>();
  let wanted = [...new Set(ids)];
  for (let level = 0; wanted.length > 0 && level < MOST_LEVELS; level += 1) {
    const found = await groupsByIds(wanted);
    for (const group of found) known.set(group.id, group);
    const parents = new Set(found.flatMap(({ parentId }) => parentId ?? []));
    wanted = [...parents].filter((id) => !known.has(id));
  }
  return [...known.values()];
}

/** The IDs of these groups and all of their subgroups, at most `limit`. */
export async function withChildren(
  ids: Id[],
  childrenOf: (ids: Id[], limit: number) => Promise<Id[]>,
  limit: number,
): Promise<Id[]> {
  const known = new Set(ids);
  let last = [...known];
  while (last.length > 0 && known.size < limit) {
    const children = await childrenOf(last, limit);
    last = children.filter((id) => !known.has(id));
    for (const id of last) known.add(id);
  }
  return [...known].slice(0, limit);
}
