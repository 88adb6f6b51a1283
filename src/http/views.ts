import { join } from 'node:path';
import ejs from 'ejs';
import type { Assets } from './assets.ts';
import { directionOf, ownNameOf, type Languages } from './languages.ts';
import type { Messages } from './messages.ts';
import type { Voice } from './voice.ts';

/** Renders the templates under `views/`. */
export interface Views {
  render(view: string, model: Record<string, unknown>, voice: Voice): Promise<string>;
}

export interface ViewsOptions {
  folder: string;
  assets: Assets;
  languages: Languages;
  messages: Messages;
  /** Shown as the product's name. */
  brand: string;
}

/**
 * A view gets a finished model, `t` for its texts, `when` for its times, `asset` for the addresses of style and script, and
 * the languages it could be in.
 */
export function createViews({ folder, assets, languages, messages, brand }: ViewsOptions): Views {
  const offered = languages.offered.map((tag) => ({ tag, name: ownNameOf(tag), direction: directionOf(tag) }));
  const shared = { faults: {}, asset: assets.addressOf, brand, languages: offered };
  const options = { root: folder, cache: true, async: false } as const;

  return {
    async render(view, model, voice) {
      const { language } = voice;
      const spoken = { language, direction: directionOf(language), t: messages(language), when: tellTime(voice) };
      return ejs.renderFile(join(folder, `${view}.ejs`), { ...shared, ...spoken, ...model }, options);
    },
  };
}

/** Most pages tell no time, and a format is dear to make. */
function tellTime({ language, timeZone = 'UTC' }: Voice): (seconds: number) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (seconds) => {
    format ??= new Intl.DateTimeFormat(language, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
      timeZone,
    });
    return format.format(seconds * 1000);
  };
}
