import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { isPlainText } from './plain-text.ts';
import { setting } from './setting.ts';
import { optionalUrl } from './shapes.ts';

const messages = join(import.meta.dirname, '..', 'views', 'messages');

const languageTags = z.string().transform((value, ctx): [string, ...string[]] => {
  const [first, ...others] = value.split(/\s+/).filter(Boolean);
  const unknown = [first, ...others].filter((tag) => !tag || !isTranslated(tag));
  if (first && unknown.length === 0) return [first, ...new Set(others.filter((tag) => tag !== first))];
  const message = `must be languages that have a folder in views/messages, separated by spaces, not '${unknown.join(' ')}'`;
  ctx.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const languages = languageTags.describe('language tags separated by spaces');

const isTranslated = (tag: string) =>
  /^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(tag) && existsSync(join(messages, tag));

const file = (extensions: string[]) =>
  z
    .string()
    .superRefine((path, ctx) => {
      const fault = (message: string) => ctx.addIssue({ code: 'custom', message });
      if (!extensions.includes(extname(path).toLowerCase()))
        return fault(`must be a file that ends in ${extensions.join(' or ')}`);
      if (!isReadable(path)) return fault(`names a file that cannot be read: ${path}`);
    })
    .describe(`the path of a ${extensions.join(', ')} file`);

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const color = z
  .string()
  .regex(/^#[0-9a-f]{6}$/i, 'must be a color such as #0b6175')
  .describe('`#rrggbb`');

const brand = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(60, 'must be at most 60 characters')
  .refine(isPlainText, 'must be one line without control or invisible characters')
  .transform((name) => name.normalize('NFC'))
  .describe('1 to 60 characters');

const contact = z
  .url({ protocol: /^(https?|mailto)$/, error: 'must be an http, https or mailto URL' })
  .describe('an http, https or mailto URL')
  .optional();

/** How pages and emails look, and their languages. */
export const lookSettings = {
  languages: setting(
    'COHORT_LANGUAGES',
    languages,
    'en de ar',
    'Languages of pages and emails. The first one is the default.',
  ),
  brand: setting('COHORT_BRAND_NAME', brand, 'Cohort', 'Name shown on pages and in emails.', { changeable: true }),
  logo: setting(
    'COHORT_LOGO',
    file(['.svg', '.png', '.webp', '.jpg']).optional(),
    undefined,
    'Logo on pages and, unless it is an SVG file, in emails. Square images work best.',
  ),
  accentColor: setting(
    'COHORT_ACCENT_COLOR',
    color.optional(),
    undefined,
    'Color of buttons and links. Text colors are chosen automatically for contrast.',
    { changeable: true },
  ),
  stylesheet: setting(
    'COHORT_CUSTOM_CSS',
    file(['.css']).optional(),
    undefined,
    'Stylesheet that every page loads after its own.',
  ),
  privacyUrl: setting('COHORT_PRIVACY_URL', optionalUrl, undefined, 'Privacy policy, linked on every page.', {
    changeable: true,
  }),
  supportUrl: setting('COHORT_SUPPORT_URL', contact, undefined, 'Support page or address, linked on every page.', {
    changeable: true,
  }),
};
