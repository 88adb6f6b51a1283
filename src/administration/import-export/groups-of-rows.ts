import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { nameKey } from '../../platform/names.ts';
import type { Group } from '../../directory/groups/group.ts';
import type { GroupNames } from './group-names.ts';
import { groupsByReference } from './group-paths.ts';
import type { ImportOptions, RecordStore } from './record-type.ts';
import { wantedGroups, type UserRow } from './user-row.ts';

/** The groups that rows of users name. */
export interface GroupsOfRows {
  /** By the keys of the names and paths in the rows, also those that are to be made. */
  groups: Map<string, Group>;
  newGroups: Group[];
  /** The paths of groups that were renamed, by the keys of their former names. */
  renamed: Map<string, string>;
}

export interface FindGroupsOptions {
  groups: Pick<RecordStore<Group>, 'find'>;
  pathsByFormerName: GroupNames['pathsByFormerName'];
  newId: NewId;
  now: Clock;
}

/** Finds the groups that rows name, and makes those that are missing if the import may. A former name means no group. */
export function createFindGroups({ groups, pathsByFormerName, newId, now }: FindGroupsOptions) {
  function newGroup(name: string): Group {
    const at = now();
    const bare = { formerNames: [], description: '', roleIds: [], requiresSecondFactor: false, customData: {} };
    return { id: newId(), name, ...bare, createdAt: at, updatedAt: at };
  }

  return async (rows: UserRow[], options: ImportOptions): Promise<GroupsOfRows> => {
    const wanted = wantedGroups(...rows);
    const others = rows.flatMap(({ owner_of: owned = [], admin_groups: limits = [] }) => [...owned, ...limits]);
    const references = [...[...wanted.values()].map(({ group }) => group), ...others];
    const known = await groupsByReference(groups, references);
    const renamed = await pathsByFormerName(references.filter((reference) => !known.has(nameKey(reference))));
    const isNew = ({ group }: { group: string }) => isToMake(group, known) && !renamed.has(nameKey(group));
    const missing = options.createGroups ? [...wanted.values()].filter(isNew) : [];
    const newGroups = missing.map(({ group: name }) => newGroup(name));
    for (const group of newGroups) known.set(nameKey(group.name), group);
    return { groups: known, newGroups, renamed };
  };
}

/** A path of which nothing is there may be misspelled anywhere, so no group is made for it. */
const isToMake = (reference: string, known: ReadonlyMap<string, Group>) =>
  !known.has(nameKey(reference)) && !reference.startsWith('/');
