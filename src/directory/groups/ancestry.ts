import type { Id } from '../../platform/ids.ts';
import type { Group } from './group.ts';

/** How many groups may sit in one another, the outermost included. */
export const MOST_LEVELS = 10;

/**
 * The groups with these ids and all that they sit in: who is in a group is in its parents too. A parent that is gone counts
 * as none, and a circle, which only an import can make, is walked once.
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

/** The ids of these groups and of all that sit in them, at most `limit`. */
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
