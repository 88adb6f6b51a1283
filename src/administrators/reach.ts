import type { Actor } from '../base/actor.ts';
import { UnservableSearch } from '../base/criteria.ts';
import { defineError } from '../base/errors.ts';
import type { Id } from '../base/ids.ts';
import { withChildren, withParents } from '../groups/ancestry.ts';
import type { Group } from '../groups/group.ts';

/** More would make every list as long as the list of its groups. */
const MOST_GROUPS = 5000;

export const OutOfReach = defineError(
  'forbidden',
  'out_of_reach',
  'This is outside of the groups that you look after, or is about more than them.',
);

export interface ReachOptions {
  groupsByIds(ids: Id[]): Promise<Group[]>;
  childrenOf(ids: Id[], limit: number): Promise<Id[]>;
}

/** Which of some groups are in reach. */
export interface Parted {
  within: Set<Id>;
  beyond: Set<Id>;
}

export type Reach = ReturnType<typeof createReach>;

/** How far an administrator reaches who is limited to certain groups: to these and all that sit in them. */
export function createReach({ groupsByIds, childrenOf }: ReachOptions) {
  /** These groups parted into those in reach and the others; what is no group any more is in neither. */
  async function part({ limitedTo }: Actor, ids: readonly Id[]): Promise<Parted> {
    if (!limitedTo) return { within: new Set(ids), beyond: new Set() };
    const groups = await withParents([...ids], groupsByIds);
    const parents = new Map(groups.map(({ id, parentId }) => [id, parentId]));
    const limits = new Set(limitedTo);
    const there = ids.filter((id) => parents.has(id));
    const within = new Set(there.filter((id) => climbs(id, parents, limits)));
    return { within, beyond: new Set(there.filter((id) => !within.has(id))) };
  }

  /**
   * All groups in reach, for lists; undefined for who is not limited, and where the group that was asked for is enough of
   * a limit.
   * @throws UnservableSearch
   */
  async function reachOf(actor: Actor, inGroup?: Id): Promise<Id[] | undefined> {
    const { limitedTo } = actor;
    if (!limitedTo) return undefined;
    if (inGroup && (await part(actor, [inGroup])).within.size > 0) return undefined;
    const ids = await withChildren([...limitedTo], childrenOf, MOST_GROUPS + 1);
    if (ids.length <= MOST_GROUPS) return ids;
    throw UnservableSearch({ detail: `You look after more than ${MOST_GROUPS} groups: search within one of them.` });
  }

  return { part, reachOf };
}

/** Whether one of the `wanted` is met on the way from a group to the outermost one. */
function climbs(from: Id, parents: Map<Id, Id | undefined>, wanted: Set<Id>): boolean {
  const seen = new Set<Id>();
  for (let id: Id | undefined = from; id && parents.has(id) && !seen.has(id); id = parents.get(id)) {
    if (wanted.has(id)) return true;
    seen.add(id);
  }
  return false;
}
