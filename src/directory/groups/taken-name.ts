import type { Actor } from '../../platform/actor.ts';
import { CohortError } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import { nameKey, nameShape } from '../../platform/names.ts';
import { withParents } from './ancestry.ts';
import { keysOfNames } from './former-names.ts';
import { lineOf, namesAfterParents, writePath } from './group-path.ts';
import { GroupNameTaken, type Group, type GroupStore } from './group.ts';

export interface TakenNameOptions {
  store: Pick<GroupStore, 'findMany' | 'findByNames'>;
  /** Of these groups, those that the actor may see. */
  visibleGroups(actor: Actor, groups: Group[]): Promise<Group[]>;
}

/** A name that a group is to get, and where the group is. */
export interface WantedName {
  name: string;
  parentId: Id | undefined;
  /** The group that is renamed; undefined for a new one. */
  groupId?: Id;
}

/** Names that are tried besides those after the parent groups: `Developers 2` and so on. */
const LAST_NUMBER = 20;

/** Says of a name that is taken where the group is that has it, and which name could be used instead. */
export function createTakenName({ store, visibleGroups }: TakenNameOptions) {
  /** @throws GroupNameTaken */
  async function assertFree(actor: Actor, wanted: WantedName): Promise<void> {
    const [holder] = await store.findByNames([wanted.name]);
    if (!holder || holder.id === wanted.groupId) return;
    const path = await pathFor(actor, holder);
    const suggestion = await suggest(actor, wanted);
    const isFormer = nameKey(holder.name) !== nameKey(wanted.name);
    const place = `${isFormer ? 'is a former name of' : 'belongs to'} ${path === undefined ? 'another group' : `the group ${path}`}`;
    const detail = suggestion === undefined ? place : `${place}; '${suggestion}' is available`;
    const values = {
      ...(isFormer ? { former: wanted.name } : {}),
      ...(path === undefined ? {} : { path }),
      ...(suggestion === undefined ? {} : { suggestion }),
    };
    throw GroupNameTaken({ faults: [{ pointer: '#/name', detail, values }] });
  }

  /** With an admin scope, from its outermost group on: `…/Team A/Developers`. Undefined outside of it. */
  async function pathFor(actor: Actor, group: Group): Promise<string | undefined> {
    const line = await lineTo(group.id);
    const seen = await visibleGroups(actor, line);
    if (!seen.some(({ id }) => id === group.id)) return undefined;
    return `${seen.length < line.length ? '…' : ''}${writePath(seen.map(({ name }) => name))}`;
  }

  async function suggest(actor: Actor, { name, parentId }: WantedName): Promise<string | undefined> {
    const parents = parentId === undefined ? [] : await visibleGroups(actor, await lineTo(parentId));
    const names = [...parents.map((parent) => parent.name), name];
    const possible = [...(parents.length > 0 ? namesAfterParents(names) : []), ...numbered(name)].filter(isAllowed);
    const taken = new Set((await store.findByNames(possible)).flatMap(keysOfNames));
    return possible.find((one) => !taken.has(nameKey(one)));
  }

  async function lineTo(id: Id): Promise<Group[]> {
    const groups = new Map((await withParents([id], store.findMany)).map((group) => [group.id, group]));
    const group = groups.get(id);
    return group ? lineOf(group, (each) => groups.get(each)) : [];
  }

  /**
   * Has `work` store the name, where the index decides alone, and only then looks for the group that has it. Outside of any
   * transaction. @throws GroupNameTaken
   */
  async function claim<T>(actor: Actor, wanted: WantedName, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof CohortError && error.code === GroupNameTaken.code) await assertFree(actor, wanted);
      throw error;
    }
  }

  return { assertFree, claim };
}

function numbered(name: string): string[] {
  const start = name.length > 96 ? [...name].slice(0, 48).join('').trim() : name;
  return Array.from({ length: LAST_NUMBER - 1 }, (_, index) => `${start} ${index + 2}`);
}

const isAllowed = (name: string) => nameShape.safeParse(name).success && !name.includes(',');
