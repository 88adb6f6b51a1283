import type { Id } from '../../platform/ids.ts';
import { lineOf } from '../groups/group-path.ts';
import type { Group } from '../groups/group.ts';
import type { ClaimPolicy } from './claim-policy.ts';

/** The rule of a policy that keeps a group from an application. */
export const EXCLUSIONS = ['group_not_listed', 'prefix_differs', 'inherited_excluded'] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** Why an application may not know of a group that a user is in; undefined if it may. The one place that decides it. */
export function exclusionOf(
  { groupIds, prefix, directOnly }: ClaimPolicy,
  { id, name }: Group,
  isDirect: boolean,
): Exclusion | undefined {
  if (groupIds && !groupIds.includes(id)) return 'group_not_listed';
  if (!name.startsWith(prefix)) return 'prefix_differs';
  return directOnly && !isDirect ? 'inherited_excluded' : undefined;
}

/** Whether a policy lets an application know of a group, at least of its direct members. */
export const letsThrough = (policy: ClaimPolicy, group: Group): boolean =>
  exclusionOf(policy, group, true) === undefined;

/** The groups that an application may know of, out of `groups`: those with the IDs `direct`, and all of their parent groups. */
export function visibleGroups(policy: ClaimPolicy, direct: Id[], groups: Group[]): Group[] {
  const isDirect = new Set(direct);
  return groups.filter((group) => exclusionOf(policy, group, isDirect.has(group.id)) === undefined);
}

/** What a claim lists for `visible`: unique and sorted. `groups` also contains their parent groups. */
export function valuesOf(policy: ClaimPolicy, visible: Group[], groups: Group[]): string[] {
  const byId = new Map(groups.map((group) => [group.id, group]));
  return [...new Set(visible.map((group) => valueOf(policy, group, byId)))].sort();
}

function valueOf({ format, prefix, stripPrefix }: ClaimPolicy, group: Group, byId: Map<Id, Group>): string {
  if (format === 'id') return group.id;
  if (format === 'path') return pathOf(group, byId);
  return stripPrefix ? withoutPrefix(group.name, prefix) : group.name;
}

/** A name stays whole where nothing would be left of it, or what no group may be called, since Kubernetes believes it. */
function withoutPrefix(name: string, prefix: string): string {
  const rest = name.slice(prefix.length);
  return rest === '' || /^system:/i.test(rest) ? name : rest;
}

function pathOf(group: Group, byId: Map<Id, Group>): string {
  return lineOf(group, (id) => byId.get(id))
    .map(({ name }) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
