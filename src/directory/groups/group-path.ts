import type { Id } from '../../platform/ids.ts';
import { nameKey, nameShape } from '../../platform/names.ts';
import { MOST_LEVELS } from './ancestry.ts';
import type { Group } from './group.ts';

/** Between the name of a parent group and that of a group that is named after it: `Team A / Developers`. */
const AFTER = ' / ';

/**
 * The names in a path such as `/Team A/Developers`, from the top, or why it is none. A slash in a name is `~/`, as Keycloak
 * writes it with `escape-slashes-in-group-path`; every other tilde stands for itself.
 */
export function parsePath(path: string): { names: string[] } | { fault: string } {
  if (!path.startsWith('/')) return { fault: 'must start with a slash, such as /Team A/Developers' };
  const parts = path.slice(1).split(/(?<!~)\//);
  if (parts.length > MOST_LEVELS) return { fault: `must have at most ${MOST_LEVELS} levels` };
  const names: string[] = [];
  for (const part of parts) {
    const name = nameShape.safeParse(part.replaceAll('~/', '/'));
    if (!name.success) return { fault: `has the name '${part}', which ${name.error.issues[0]!.message}` };
    names.push(name.data);
  }
  return { names };
}

/** The path that `parsePath` reads. */
export const writePath = (names: readonly string[]): string =>
  names.map((name) => `/${name.replaceAll('/', '~/')}`).join('');

/** A group and its parent groups, from the top. A cycle, which only an import can create, is walked once. */
export function lineOf(group: Group, groupById: (id: Id) => Group | undefined): Group[] {
  const line = new Set<Group>();
  for (let here: Group | undefined = group; here && !line.has(here); here = parentOf(here, groupById)) line.add(here);
  return [...line].reverse();
}

const parentOf = ({ parentId }: Group, groupById: (id: Id) => Group | undefined) =>
  parentId === undefined ? undefined : groupById(parentId);

/**
 * The names that a group can get where its own is taken: after its parent group, after more of them, `/ Developers` at the
 * top. `names` are those of the path.
 */
export function namesAfterParents(names: readonly string[]): string[] {
  const starts = names.map((_, index) => index).slice(0, -1);
  const longer = starts.reverse().map((start) => names.slice(start).join(AFTER));
  const wanted = names.length === 1 ? [`/ ${names[0]!}`] : longer;
  return wanted.filter((name) => nameShape.safeParse(name).success);
}

/** The keys of all names that the groups on a path may have. */
export const keysOnPath = (names: readonly string[]): string[] =>
  names.flatMap((name, index) => [name, ...namesAfterParents(names.slice(0, index + 1))].map(nameKey));

/** What is known of the groups on a path: `parentIdOf` is undefined at the top, also below a deleted group. */
export interface KnownGroups {
  byKey(key: string): Group | undefined;
  parentIdOf(group: Group): Id | undefined;
}

/** The group at a path. It may have been named after its parent groups, and so may they. */
export function groupAt(names: readonly string[], known: KnownGroups): Group | undefined {
  let above: Group | undefined;
  for (const [index, name] of names.entries()) {
    const possible = [name, ...namesAfterParents(names.slice(0, index + 1))];
    const found: Group | undefined = possible
      .flatMap((one) => known.byKey(nameKey(one)) ?? [])
      .find((group) => known.parentIdOf(group) === above?.id);
    if (!found) return undefined;
    above = found;
  }
  return above;
}
