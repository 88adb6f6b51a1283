import { join } from 'node:path';
import ejs from 'ejs';
import type { Assets } from './assets.ts';
import type { Translate } from './messages.ts';

/** Renders the templates under `views/`. */
export interface Views {
  render(view: string, model: Record<string, unknown>): Promise<string>;
}

export interface ViewsOptions {
  folder: string;
  assets: Assets;
  translate: Translate;
  /** Shown as the product's name. */
  brand: string;
}

/** A view gets a finished model, `t` for its texts and `asset` for the addresses of style and script. */
export function createViews({ folder, assets, translate, brand }: ViewsOptions): Views {
  const language = 'en';
  const dates = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
  const when = (seconds: number) => `${dates.format(seconds * 1000)} UTC`;
  const shared = { t: translate, asset: assets.addressOf, when, brand, language, direction: 'ltr' };
  const options = { root: folder, cache: true, async: false } as const;
  return {
    render: (view, model) => ejs.renderFile(join(folder, `${view}.ejs`), { faults: {}, ...shared, ...model }, options),
  };
}
