import { z } from 'zod';
import { isPlainText, withoutInvisible } from '../../config/plain-text.ts';

/** What can be wrong with a name: the API's sentence, by a key for translations. */
export const NAME_FAULTS = {
  empty: 'must not be empty',
  too_long: 'must have at most 100 characters',
  hidden: 'must not contain control or invisible characters',
  too_long_apart: 'is too long after Unicode normalization',
  comma: 'must not contain a comma, because some applications use commas to separate groups',
  own_name: 'is reserved for Cohort',
  reserved: "must not start with 'system:', which Kubernetes reserves",
} as const;

/** A name that is shown: of a group, a role, an application, a passkey. */
export const shownNameShape = z
  .string()
  .trim()
  .min(1, NAME_FAULTS.empty)
  .max(100, NAME_FAULTS.too_long)
  .refine(isPlainText, NAME_FAULTS.hidden)
  .transform((name) => name.normalize('NFC'));

/** The name of a group or role as an application will read it. */
export const nameShape = shownNameShape
  // Some single characters stand for whole words, and the key is what lists are ordered and paged by.
  .refine((name) => nameKey(name).length <= 200, NAME_FAULTS.too_long_apart)
  // Kubernetes gives names that start so a meaning of its own: `system:masters` would rule the cluster.
  .refine((name) => !/^system:/i.test(name), NAME_FAULTS.reserved);

/** Several lines of text; forms write their line breaks as CRLF, and mean the same text. Other control characters would not survive a form. */
export const descriptionShape = z
  .string()
  .trim()
  .max(1000, 'must have at most 1000 characters')
  .refine((text) => !/[\p{Cc}--[\t\n\r]]/v.test(text), 'must not contain control characters')
  .transform((text) => text.replace(/\r\n?/g, '\n'));

/** Two names with the same key count as the same name: what is invisible makes no difference, nor how many spaces there are. */
export function nameKey(name: string): string {
  return withoutInvisible(name).normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim();
}
