import { isDeepStrictEqual } from 'node:util';

/** Fields whose order says nothing. */
const SETS = new Set(['role_ids', 'scopes', 'group_ids']);

/**
 * The fields of a change that differ from what is there, by their names in the API; a change without any writes nothing. A field
 * that is left out is undefined; one that is taken away is null, as a presenter has it.
 */
export function changedFields<Change extends object>(change: Change, present: object): (keyof Change & string)[] {
  const before = new Map(Object.entries(present));
  const names = Object.keys(change) as (keyof Change & string)[];
  return names.filter((name) => change[name] !== undefined && !isSame(name, change[name], before.get(name) ?? null));
}

function isSame(name: string, value: unknown, before: unknown): boolean {
  if (SETS.has(name) && Array.isArray(value) && Array.isArray(before)) return isSameSet(value, before);
  return isDeepStrictEqual(value, before);
}

/** The same values in another order are the same. */
export const isSameSet = (a: readonly unknown[], b: readonly unknown[]): boolean =>
  isDeepStrictEqual(new Set(a), new Set(b));

/** These fields of a change alone. */
export function pickFields<Change extends object>(change: Change, fields: (keyof Change)[]): Partial<Change> {
  const picked: Partial<Change> = {};
  for (const field of fields) picked[field] = change[field];
  return picked;
}
