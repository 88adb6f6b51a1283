import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { z } from 'zod';
import { setting } from './setting.ts';
import { optionalAddress } from './shapes.ts';

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

const file = (extensions: string[]) =>
  z.string().superRefine((path, ctx) => {
    const fault = (message: string) => ctx.addIssue({ code: 'custom', message });
    if (!extensions.includes(extname(path).toLowerCase()))
      return fault(`must be a file that ends in ${extensions.join(' or ')}`);
    if (!isReadable(path)) return fault(`names a file that cannot be read: ${path}`);
  });

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

const colour = z.string().regex(/^#[0-9a-f]{6}$/i, 'must be a colour such as #0b6175');

const brand = z
  .string()
  .trim()
  .min(1, 'must not be empty')
  .max(60, 'must be at most 60 characters')
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must be one line');

const contact = z.url({ protocol: /^(https?|mailto)$/, error: 'must be an http, https or mailto address' }).optional();

/** How the pages and letters look, and what languages they are in. */
export const lookSettings = {
  languages: setting(
    'COHORT_LANGUAGES',
    languages,
    'en de ar',
    'The languages of pages and letters, with spaces between; the first is for whoever has said nothing else.',
  ),
  brand: setting('COHORT_BRAND', brand, 'Cohort', 'The name that pages and letters show.', { changeable: true }),
  logo: setting(
    'COHORT_LOGO',
    file(['.svg', '.png', '.webp', '.jpg']).optional(),
    undefined,
    'A picture that takes the place of the mark on pages and, unless it is SVG, in letters; a square one looks best.',
  ),
  accentColor: setting(
    'COHORT_ACCENT_COLOR',
    colour.optional(),
    undefined,
    'The colour of buttons and links, as #rrggbb; what can be read on it and beside it is worked out.',
    { changeable: true },
  ),
  stylesheet: setting(
    'COHORT_STYLESHEET',
    file(['.css']).optional(),
    undefined,
    'A file of styles that every page loads behind its own.',
  ),
  privacyUrl: setting(
    'COHORT_PRIVACY_URL',
    optionalAddress,
    undefined,
    'What you say about privacy; linked on every page.',
    { changeable: true },
  ),
  supportUrl: setting(
    'COHORT_SUPPORT_URL',
    contact,
    undefined,
    'Where people find help, an address of the web or mailto:; linked on every page.',
    { changeable: true },
  ),
};
