import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';

/** Looks a text up in the catalogue and fills its `{{placeholders}}`. */
export type Translate = (key: string, values?: Record<string, unknown>) => string;

/** The texts of the pages, from `views/messages/en.json`. EJS escapes, so the catalogue must not do it a second time. */
export function loadMessages(viewsFolder: string): Translate {
  const english = JSON.parse(readFileSync(join(viewsFolder, 'messages', 'en.json'), 'utf8')) as Record<string, unknown>;
  const catalogue = i18next.createInstance();
  void catalogue.init({
    lng: 'en',
    fallbackLng: 'en',
    initAsync: false,
    resources: { en: { translation: english } },
    interpolation: { escapeValue: false },
  });
  return (key, values = {}) => catalogue.t(key, values);
}
