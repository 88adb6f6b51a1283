import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import i18next from 'i18next';

/** Looks a text up in the catalogue, of several keys the first that is there, and fills its `{{placeholders}}`. */
export type Translate = (key: string | string[], values?: Record<string, unknown>) => string;

/** The texts of a language. */
export type Messages = (language: string) => Translate;

/**
 * The texts of the pages, from `views/messages/<language>/`. What a language lacks is said in English. EJS escapes, so the
 * catalogue must not do it a second time.
 */
export function loadMessages(viewsFolder: string, languages: readonly string[]): Messages {
  const catalogue = i18next.createInstance();
  const tags = [...new Set([...languages, 'en'])];
  void catalogue.init({
    fallbackLng: 'en',
    initAsync: false,
    resources: Object.fromEntries(
      tags.map((tag) => [tag, { translation: readCatalogue(join(viewsFolder, 'messages', tag)) }]),
    ),
    interpolation: { escapeValue: false },
  });
  return (language) => {
    const translate = catalogue.getFixedT(language);
    return (key, values = {}) => translate(key, values);
  };
}

/** A file holds a few sections, which belong to it alone. */
export function readCatalogue(folder: string): Record<string, unknown> {
  const sections: Record<string, unknown> = {};
  for (const file of readdirSync(folder)) {
    for (const [section, texts] of Object.entries(JSON.parse(readFileSync(join(folder, file), 'utf8')) as object)) {
      if (section in sections)
        throw new Error(`${join(folder, file)} has the section ${section}, which another file has too.`);
      sections[section] = texts;
    }
  }
  return sections;
}
