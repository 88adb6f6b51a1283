import type { Id } from '../../platform/ids.ts';
import { MOST_LEVELS } from '../groups/ancestry.ts';
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
    let here = byId.get(membership.group);
    // Bounded, since only the import could have made a circle.
    for (let level = 0; here && level < MOST_LEVELS; level += 1) {
      ends.set(here.id, Math.max(ends.get(here.id) ?? 0, end));
      here = here.parentId === undefined ? undefined : byId.get(here.parentId);
    }
  }
  return ends;
}

/** The first of some ends. */
export const earliest = (ends: Iterable<End>): End => Math.min(Infinity, ...ends);
