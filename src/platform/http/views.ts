import { join } from 'node:path';
import ejs from 'ejs';
import type { Assets } from './assets.ts';
import type { Look } from '../branding/branding.ts';
import { directionOf, ownNameOf, type Languages } from '../i18n/languages.ts';
import type { Messages } from '../i18n/messages.ts';
import type { Voice } from '../i18n/reader.ts';

/** Renders the templates under `views/`. */
export interface Views {
  render(view: string, model: Record<string, unknown>, voice: Voice): Promise<string>;
}

export interface ViewsOptions {
  folder: string;
  assets: Assets;
  languages: Languages;
  messages: Messages;
  look: Look;
  /** Where this Cohort is reached: emails show its pictures from there. */
  issuer: string;
}

/**
 * A view gets a finished model, `t` for its texts, `when` and `day` for its times, `asset` for the addresses of style and script, the
 * languages it could be in, and the look.
 */
export function createViews({ folder, assets, languages, messages, look, issuer }: ViewsOptions): Views {
  const offered = languages.offered.map((tag) => ({ tag, name: ownNameOf(tag), direction: directionOf(tag) }));
  const { brand, theme, links } = look;
  const shared = {
    faults: {},
    asset: assets.addressOf,
    languages: offered,
    brand,
    theme,
    footLinks: links,
    logo: assets.addressOf(look.logo),
    mailLogo: look.mailLogo && `${issuer}${assets.addressOf(look.mailLogo)}`,
    styles: look.styles.map(assets.addressOf),
  };
  const options = { root: folder, cache: true, async: false } as const;

  return {
    async render(view, model, voice) {
      const { language } = voice;
      const times = { when: teller(TIME, voice), day: teller(DAY, voice) };
      const spoken = { language, direction: directionOf(language), t: messages(language), ...times };
      return ejs.renderFile(join(folder, `${view}.ejs`), { ...shared, ...spoken, ...model }, options);
    },
  };
}

const DAY = { year: 'numeric', month: 'short', day: 'numeric' } as const;
const TIME = { ...DAY, hour: 'numeric', minute: '2-digit', timeZoneName: 'short' } as const;

/** Most pages tell no time, and a format is dear to make. */
function teller(parts: Intl.DateTimeFormatOptions, { language, timeZone = 'UTC' }: Voice): (seconds: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (seconds) => {
    format ??= new Intl.DateTimeFormat(language, { ...parts, timeZone });
    return format.format(seconds * 1000);
  };
}
