import type { Id } from '../../platform/ids.ts';
import { MOST_LEVELS, withParents } from './ancestry.ts';
import { GroupHasSubgroups, GroupCycle, NestingTooDeep, UnknownGroup, type GroupStore } from './group.ts';

/** Keeps the tree of groups a tree: no group in itself, none too deep, none without the parent it names. */
export function createPlacement(store: Pick<GroupStore, 'findMany' | 'childrenOf' | 'lockTree'>) {
  /** In a transaction. @throws UnknownGroup, GroupCycle, NestingTooDeep, pointing at `#/parent_id` */
  async function assertPossibleParent(parentId: Id, groupId: Id | undefined): Promise<void> {
    // Two moves at once could each be right and make a circle together.
    await store.lockTree();
    const above = await withParents([parentId], store.findMany);
    if (!above.some(({ id }) => id === parentId)) throw UnknownGroup(pointing('is not the ID of a group'));
    if (above.some(({ id }) => id === groupId)) throw GroupCycle(pointing('is this group or one of its subgroups'));
    const below = groupId === undefined ? 1 : await levelsFrom(groupId);
    if (above.length + below > MOST_LEVELS)
      throw NestingTooDeep(pointing(`would nest groups more than ${MOST_LEVELS} levels deep`));
  }

  async function levelsFrom(groupId: Id): Promise<number> {
    let levels = 1;
    let last = await store.childrenOf([groupId], MANY);
    while (last.length > 0 && levels <= MOST_LEVELS) {
      levels += 1;
      last = await store.childrenOf(last, MANY);
    }
    return levels;
  }

  /** In a transaction. @throws GroupHasSubgroups */
  async function assertNoSubgroups(groupId: Id): Promise<void> {
    await store.lockTree();
    if ((await store.childrenOf([groupId], 1)).length > 0) throw GroupHasSubgroups();
  }

  return { assertPossibleParent, assertNoSubgroups };
}

/** No level of a tree is looked at further than this. */
const MANY = 100_000;

const pointing = (detail: string) => ({ faults: [{ pointer: '#/parent_id', detail }] });
