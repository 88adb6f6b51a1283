import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import ejs, { type TemplateFunction } from 'ejs';
import type { Assets } from './assets.ts';
import { basePathOf } from '../issuer.ts';
import type { Look } from '../branding/branding.ts';
import { directionOf, ownNameOf, type Languages } from '../i18n/languages.ts';
import type { Messages } from '../i18n/messages.ts';
import type { Locale } from '../i18n/reader.ts';
import type { ViewModels } from '../view-model.ts';

/** Renders the templates under `views/`. */
export interface Views {
  render(view: string, model: Record<string, unknown>, locale: Locale): Promise<string>;
}

export interface ViewsOptions {
  folder: string;
  assets: Assets;
  languages: Languages;
  messages: Messages;
  look: Look;
  /** What views show besides what they are given; read when a view is first shown. */
  models(): ViewModels;
  /** Where this Cohort is reached: pages are below its path, and emails show its pictures from there. */
  issuer: string;
}

/**
 * A view gets a finished model, `t` for its texts, `when` and `day` for its times, `asset` for the addresses of style and script, the
 * languages it could be in, and the look.
 */
export function createViews({ folder, assets, languages, messages, look, models, issuer }: ViewsOptions): Views {
  const base = basePathOf(issuer);
  const offered = languages.offered.map((tag) => ({ tag, name: ownNameOf(tag), direction: directionOf(tag) }));
  const { brand, theme, links } = look;
  const shared = {
    asset: assets.addressOf,
    languages: offered,
    brand,
    theme,
    footLinks: links,
    logo: assets.addressOf(look.logo),
    mailLogo: look.mailLogo && `${issuer}${assets.addressOf(look.mailLogo)}`,
    styles: look.styles.map(assets.addressOf),
  };
  const templates = new Map<string, TemplateFunction>();
  let known: ViewModels | undefined;

  function templateOf(name: string): TemplateFunction {
    const compiled = templates.get(name);
    if (compiled) return compiled;
    const filename = join(folder, `${name}.ejs`);
    const template = ejs.compile(readFileSync(filename, 'utf8'), { filename });
    templates.set(name, template);
    return template;
  }

  /** A partial is given what the view around it is given, and what it is included with. */
  function show(name: string, given: Record<string, unknown>): string {
    known ??= models();
    const own = known[name]?.(given as never) ?? {};
    // The templates find this one before the `include` of EJS, which knows no models.
    const include = (path: string, more: Record<string, unknown> = {}) =>
      show(resolveFrom(name, path), { ...given, ...more });
    return templateOf(name)({ ...given, ...own, include });
  }

  return {
    async render(view, model, locale) {
      const { language } = locale;
      const times = { when: teller(TIME, locale), day: teller(DAY, locale) };
      const spoken = { language, direction: directionOf(language), t: messages(language), ...times };
      const { faults = {} } = model;
      const hasFaults = Object.keys(faults as object).length > 0;
      return withBasePath(show(view, { ...shared, ...spoken, ...model, faults, hasFaults }), base);
    },
  };
}

/** A page whose addresses begin at the root, with the base path before each. The markup escapes every quote in its texts. */
function withBasePath(html: string, base: string): string {
  return base ? html.replace(/ (href|src|action|formaction|data-suggests)="\/(?!\/)/g, ` $1="${base}/`) : html;
}

/** A path with a slash in front begins in the folder of all views, any other one beside the view that names it. */
const resolveFrom = (name: string, path: string) =>
  path.startsWith('/') ? path.slice(1) : posix.join(posix.dirname(name), path);

const DAY = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const TIME = { ...DAY, hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;

/** Most pages tell no time, and a format is dear to make. */
function teller(
  parts: Intl.DateTimeFormatOptions,
  { language, timeZone = 'UTC' }: Locale,
): (seconds: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (seconds) => {
    format ??= new Intl.DateTimeFormat(language, { ...parts, timeZone });
    return format.format(seconds * 1000);
  };
}
