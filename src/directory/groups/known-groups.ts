import type { Fault } from '../../platform/errors.ts';
import type { Id } from '../../platform/ids.ts';
import { UnknownGroup } from './group.ts';

/** Of these ids, those of groups that exist. */
export type ExistingGroups = (ids: Id[]) => Promise<Id[]>;

/** @throws UnknownGroup that points at each one */
export async function assertKnownGroups(
  existingGroups: ExistingGroups,
  named: { ids?: Id[] | null | undefined; pointer: string }[],
): Promise<void> {
  const wanted = [...new Set(named.flatMap(({ ids }) => ids ?? []))];
  const known = new Set(wanted.length > 0 ? await existingGroups(wanted) : []);
  const faults = named.flatMap(({ ids, pointer }) =>
    (ids ?? []).flatMap((id, index): Fault[] =>
      known.has(id) ? [] : [{ pointer: `${pointer}/${index}`, detail: 'is not the ID of a group' }],
    ),
  );
  if (faults.length > 0) throw UnknownGroup({ faults });
}
