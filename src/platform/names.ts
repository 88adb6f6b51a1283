import { z } from 'zod';

/** Text without control, bidirectional or invisible characters, which can make one name look like another. */
export function isPlainText(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200B-\u200F\u202A-\u202E\u2066-\u2069]/u.test(text);
}

/** What can be wrong with a name: the API's sentence, by a key for translations. */
export const NAME_FAULTS = {
  empty: 'must not be empty',
  too_long: 'must have at most 100 characters',
  hidden: 'must not contain control or invisible characters',
  control: 'must not contain control characters',
  too_long_apart: 'is too long after Unicode normalization',
  comma: 'must not contain a comma, because some applications use commas to separate groups',
  own_name: 'is reserved for Cohort',
  reserved: "must not start with 'system:', which Kubernetes reserves",
} as const;

/** The name of a group or role as an application will read it. */
export const nameShape = z
  .string()
  .trim()
  .min(1, NAME_FAULTS.empty)
  .max(100, NAME_FAULTS.too_long)
  .refine(isPlainText, NAME_FAULTS.hidden)
  .transform((name) => name.normalize('NFC'))
  // Some single characters stand for whole words, and the key is what lists are ordered and paged by.
  .refine((name) => nameKey(name).length <= 200, NAME_FAULTS.too_long_apart)
  // Kubernetes gives names that start so a meaning of its own: `system:masters` would rule the cluster.
  .refine((name) => !/^system:/i.test(name), NAME_FAULTS.reserved);

export const descriptionShape = z.string().trim().max(1000, 'must have at most 1000 characters');

/** Two names with the same key count as the same name. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
