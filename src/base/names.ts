import { z } from 'zod';

/** Text without control, bidirectional or invisible characters, which can make one name look like another. */
export function isPlainText(text: string): boolean {
  return !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u200B-\u200F\u202A-\u202E\u2066-\u2069]/u.test(text);
}

/** The name of a group or role as an application will read it. */
export const nameShape = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(100, 'must be at most 100 characters')
  .refine(isPlainText, 'must not hold control or invisible characters')
  .transform((name) => name.normalize('NFC'))
  // Some single characters stand for whole words, and the key is what lists are ordered and paged by.
  .refine((name) => nameKey(name).length <= 200, 'is too long once its characters are taken apart')
  // Kubernetes gives names that start so a meaning of its own: `system:masters` would rule the cluster.
  .refine((name) => !/^system:/i.test(name), "must not start with 'system:', which Kubernetes keeps for itself");

export const descriptionShape = z.string().trim().max(1000, 'must be at most 1000 characters');

/** Two names with the same key count as the same name. */
export function nameKey(name: string): string {
  return name.normalize('NFKC').toLowerCase();
}
