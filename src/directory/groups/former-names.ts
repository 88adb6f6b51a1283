import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { nameKey } from '../../platform/names.ts';

/**
 * A name that a group had before it was renamed. Until it is removed, no other group can have it, and applications whose
 * claim policy says so still receive it.
 */
export interface FormerName {
  name: string;
  /** When the group got another name. */
  renamedAt: Date;
}

/** As much of a group as its names. */
interface NamedGroup {
  name: string;
  formerNames: FormerName[];
}

/** More renames are refused until one of the names is removed. */
export const MOST_FORMER_NAMES = 20;

export const formerNameReply = z
  .strictObject({
    name: z.string(),
    renamed_at: z.number().int().meta({ description: 'Since when it is a former name.' }),
  })
  .meta({ id: 'FormerName' });

export const presentFormerName = ({ name, renamedAt }: FormerName): z.input<typeof formerNameReply> => ({
  name,
  renamed_at: unixSeconds(renamedAt),
});

/**
 * The former names after a renaming, the oldest first. Another spelling is another name, since applications compare names
 * exactly. A name that the group gets back is no former one any more.
 */
export function formerNamesAfter({ name, formerNames }: NamedGroup, wanted: string, at: Date): FormerName[] {
  if (wanted === name) return formerNames;
  return [...formerNames.filter((each) => each.name !== wanted && each.name !== name), { name, renamedAt: at }];
}

/** The keys of all names that no other group can have. */
export const keysOfNames = ({ name, formerNames }: NamedGroup): string[] => [
  ...new Set([name, ...formerNames.map((each) => each.name)].map(nameKey)),
];

/** Which name a group had just before a moment. */
export const nameBefore = ({ name, formerNames }: NamedGroup, at: Date): string =>
  formerNames.find(({ renamedAt }) => renamedAt >= at)?.name ?? name;
