import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { setting } from './setting.ts';

const messages = join(import.meta.dirname, '..', 'views', 'messages');

const languages = z.string().transform((value, ctx): [string, ...string[]] => {
  const [first, ...others] = value.split(/\s+/).filter(Boolean);
  const unknown = [first, ...others].filter((tag) => !tag || !isTranslated(tag));
  if (first && unknown.length === 0) return [first, ...new Set(others.filter((tag) => tag !== first))];
  const message = `must be languages that views/messages has a folder for, with spaces between, not '${unknown.join(' ')}'`;
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const isTranslated = (tag: string) =>
  /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag) && existsSync(join(messages, tag));

const brand = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(60, 'must be at most 60 characters')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line');

/** How the pages and letters look, and what languages they are in. */
export const lookSettings = {
  languages: setting(
    'COHORT_LANGUAGES',
    languages,
    'en de ar',
    'The languages of pages and letters, with spaces between; the first is for whoever has said nothing else.',
  ),
  brand: setting('COHORT_BRAND', brand, 'Cohort', 'The name that pages and letters show.'),
};
