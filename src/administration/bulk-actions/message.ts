import { isPlainText } from '../../../config/plain-text.ts';
import { z } from 'zod';
import type { User } from '../../directory/users/user.ts';

const FIELDS = ['username', 'first_name', 'last_name'] as const;
type Field = (typeof FIELDS)[number];

/** `{{first_name}}`, or `{{first_name|friend}}` for users who have none. */
const PLACEHOLDER = /\{\{\s*([a-z_]+)\s*(?:\|([^{}]*))?\}\}/g;

const template = (max: number) =>
  z
    .string()
    .trim()
    .min(1, 'must not be empty')
    .max(max)
    .superRefine((text, ctx) => {
      for (const [placeholder, name] of text.matchAll(PLACEHOLDER)) {
        if (FIELDS.includes(name as Field)) continue;
        const message = `must not contain ${placeholder}; the placeholders are ${FIELDS.map((field) => `{{${field}}}`).join(', ')}`;
        ctx.addIssue({ code: 'custom', message });
      }
    });

/** An email to many, with each one's names in it. */
export const messageShape = z.strictObject({
  subject: template(200)
    .refine((subject) => isPlainText(subject), 'must be one line without control or invisible characters')
    .meta({ example: 'Champions again, {{first_name|dear fan}}!' }),
  text: template(20_000).meta({
    description:
      'Plain text; an empty line starts a new paragraph. `{{first_name}}`, `{{last_name}}` and `{{username}}` are replaced for each user; `{{first_name|friend}}` has a fallback for users without one.',
    example: 'Dear {{first_name|fan}},\n\ncongratulations on another championship.',
  }),
});

/** Fills in the user's own values, as plain text. */
export function fillIn(text: string, user: User): string {
  const values: Record<Field, string> = {
    username: user.username,
    first_name: user.firstName,
    last_name: user.lastName,
  };
  // A cast, because the shape let only these names through.
  return text.replace(
    PLACEHOLDER,
    (_whole, name: string, otherwise: string | undefined = '') => values[name as Field] || otherwise.trim(),
  );
}
