import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';

/** Looks a text up in the catalogue and fills its `{{placeholders}}`. */
export type Translate = (key: string, values?: Record<string, unknown>) => string;

/** The texts of the pages, from `views/messages/en/`. EJS escapes, so the catalogue must not do it a second time. */
export function loadMessages(viewsFolder: string): Translate {
  const catalogue = i18next.createInstance();
  void catalogue.init({
    lng: 'en',
    fallbackLng: 'en',
    initAsync: false,
    resources: { en: { translation: readCatalogue(join(viewsFolder, 'messages', 'en')) } },
    interpolation: { escapeValue: false },
  });
  return (key, values = {}) => catalogue.t(key, values);
}

/** A file holds a few sections, which belong to it alone. */
function readCatalogue(folder: string): Record<string, unknown> {
  const sections: Record<string, unknown> = {};
  for (const file of readdirSync(folder)) {
    for (const [section, texts] of Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object)) {
      if (section in sections) throw new Error(`${join(folder, file)} has the section ${section} of another file.`);
      sections[section] = texts;
    }
  }
  return sections;
}
