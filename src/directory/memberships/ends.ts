import type { Id } from '../../platform/ids.ts';
import { lineOf } from '../groups/group-path.ts';
import type { Group } from '../groups/group.ts';
import type { Membership } from './period.ts';

/** When something ends: a time in milliseconds, or Infinity for never. */
export type End = number;

export const endOf = ({ until }: Pick<Membership, 'until'>): End => until?.getTime() ?? Infinity;

/**
 * When the user leaves each group, at the earliest by the clock alone: a group stays until the last of the memberships has
 * ended that it follows from. `groups` are those of the memberships and their parent groups.
 */
export function endsOfGroups(memberships: Membership[], groups: Group[]): Map<Id, End> {
  const byId = new Map(groups.map((group) => [group.id, group]));
  const ends = new Map<Id, End>();
  for (const membership of memberships) {
    const end = endOf(membership);
    const group = byId.get(membership.group);
    const line = group ? lineOf(group, (id) => byId.get(id)) : [];
    for (const { id } of line) ends.set(id, Math.max(ends.get(id) ?? 0, end));
  }
  return ends;
}

/** The first of some ends. */
export const earliest = (ends: Iterable<End>): End => Math.min(Infinity, ...ends);
