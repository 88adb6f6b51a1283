import type { Actor } from '../../platform/actor.ts';
import type { Id } from '../../platform/ids.ts';
import { pageOfItems, type Page } from '../../platform/paging.ts';
import { wordKey } from '../../platform/sort-keys.ts';
import { everyGroup } from '../groups/group-search.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { User } from '../users/user.ts';

/** So many groups of each user are in a list of users. */
const MOST_LISTED = 20;
/** No more groups are read at once for it. */
const MOST_READ = 2000;

const FIRST = { list: '', limit: MOST_LISTED };

export interface ListedGroupsOptions {
  groups: Pick<Groups, 'findMany' | 'search'>;
  /** The groups that a user is directly in now. */
  groupIds(user: User): Id[];
  /** Of these groups, those within the actor's admin scope. */
  groupsInScope(actor: Actor, groupIds: Id[]): Promise<Set<Id>>;
}

/** Groups in a list of users. */
export function createListedGroups({ groups, groupIds, groupsInScope }: ListedGroupsOptions) {
  /** Of each of these users, the groups that the actor may see: the first `MOST_LISTED` by name. */
  async function groupsOfEach(actor: Actor, listed: User[]): Promise<Map<Id, Page<Group>>> {
    const all = listed.map((user) => ({ user, ids: groupIds(user) }));
    const seen = await groupsInScope(actor, distinct(all.flatMap(({ ids }) => ids)));
    const visible = all.map(({ user, ids }) => [user.id, ids.filter((id) => seen.has(id))] as const);
    const wanted = distinct(visible.flatMap(([, ids]) => ids));
    const lists = new Map<Id, Page<Group>>();
    if (wanted.length > MOST_READ) {
      // One after the other, because each of these searches looks through many groups.
      for (const [userId, ids] of visible)
        lists.set(userId, await groups.search({ ...everyGroup, scopeGroups: ids }, FIRST));
      return lists;
    }
    const known = new Map((await groups.findMany(wanted)).map((group) => [group.id, group]));
    for (const [userId, ids] of visible) lists.set(userId, firstOf(ids.flatMap((id) => known.get(id) ?? [])));
    return lists;
  }

  return { groupsOfEach };
}

const distinct = (ids: Id[]): Id[] => [...new Set(ids)];

/** In the order in which a search lists them. */
const firstOf = (found: Group[]): Page<Group> => pageOfItems(found, FIRST, ({ name, id }) => wordKey([name], id));
