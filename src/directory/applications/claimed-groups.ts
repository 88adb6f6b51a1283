import type { Id } from '../../platform/ids.ts';
import { nameBefore } from '../groups/former-names.ts';
import { lineOf } from '../groups/group-path.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimPolicy, RenamedGroups } from './claim-policy.ts';

/** The rule of a policy that keeps a group from an application. */
export const EXCLUSIONS = ['group_not_listed', 'prefix_differs', 'inherited_excluded'] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** Which names of renamed groups a policy includes at a moment. */
export const renamedGroupsAt = ({ renamedGroups, renamedGroupsUntil: until }: ClaimPolicy, at: Date): RenamedGroups =>
  until && until <= at ? 'current' : renamedGroups;

/**
 * Why an application may not know of a group that a user is in; undefined if it may. The one place that decides it. A name
 * that the application receives must have the prefix, be it a former one.
 */
export function exclusionOf(
  policy: ClaimPolicy,
  group: Group,
  { isDirect, at }: { isDirect: boolean; at: Date },
): Exclusion | undefined {
  const { groupIds, prefix, directOnly } = policy;
  if (groupIds && !groupIds.includes(group.id)) return 'group_not_listed';
  if (!namesOf(policy, group, at).some((name) => name.startsWith(prefix))) return 'prefix_differs';
  return directOnly && !isDirect ? 'inherited_excluded' : undefined;
}

/** Whether a policy lets an application know of a group, at least of its direct members. */
export const letsThrough = (policy: ClaimPolicy, group: Group, at: Date): boolean =>
  exclusionOf(policy, group, { isDirect: true, at }) === undefined;

/** The groups that an application may know of, out of `groups`: those with the IDs `direct`, and all of their parent groups. */
export function visibleGroups(policy: ClaimPolicy, direct: Id[], groups: Group[], at: Date): Group[] {
  const isDirect = new Set(direct);
  return groups.filter((group) => exclusionOf(policy, group, { isDirect: isDirect.has(group.id), at }) === undefined);
}

/** What a claim lists for `visible`: unique and sorted. `groups` also contains their parent groups. */
export function valuesOf(policy: ClaimPolicy, visible: Group[], groups: Group[], at: Date): string[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  return [...new Set(visible.flatMap((group) => valuesOfGroup(policy, group, { byId, at })))].sort();
}

function valuesOfGroup(
  policy: ClaimPolicy,
  group: Group,
  { byId, at }: { byId: ReadonlyMap<Id, Group>; at: Date },
): string[] {
  const { format, prefix, stripPrefix } = policy;
  if (format === 'id') return [group.id];
  if (format === 'path') {
    const line = lineOf(group, (id) => byId.get(id));
    return pathsOf(policy, line, at)
      .filter((names) => names.at(-1)!.startsWith(prefix))
      .map(writeClaimPath);
  }
  const names = namesOf(policy, group, at).filter((name) => name.startsWith(prefix));
  return stripPrefix ? names.map((name) => withoutPrefix(name, prefix)) : names;
}

/** The names by which an application knows a group. */
function namesOf(policy: ClaimPolicy, group: Group, at: Date): string[] {
  const wanted = renamedGroupsAt(policy, at);
  if (wanted === 'current') return [group.name];
  return chosen(
    wanted,
    group.name,
    group.formerNames.map(({ name }) => name),
  );
}

/**
 * The paths by which an application knows a group: renaming a parent group changes them too. Those that there were are found
 * by going back to before each renaming; where a name was removed since, the next one stands in its place.
 */
function pathsOf(policy: ClaimPolicy, line: Group[], at: Date): string[][] {
  const current = line.map(({ name }) => name);
  const wanted = renamedGroupsAt(policy, at);
  if (wanted === 'current') return [current];
  const renamings = line.flatMap(({ formerNames }) => formerNames.map(({ renamedAt }) => renamedAt));
  const former = renamings.map((renamedAt) => line.map((group) => nameBefore(group, renamedAt)));
  return chosen(wanted, current, former);
}

/** Without a former one, the current one counts in any case. */
function chosen<T>(wanted: Exclude<RenamedGroups, 'current'>, current: T, former: T[]): T[] {
  if (former.length === 0) return [current];
  return wanted === 'former' ? former : [current, ...former];
}

/** A name stays whole where nothing would be left of it, or what no group may be called, since Kubernetes believes it. */
function withoutPrefix(name: string, prefix: string): string {
  const rest = name.slice(prefix.length);
  return rest === '' || /^system:/i.test(rest) ? name : rest;
}

const writeClaimPath = (names: string[]): string =>
  names.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
