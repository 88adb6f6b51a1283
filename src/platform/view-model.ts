import type { Translate } from './i18n/messages.ts';

/** What every view is given besides the model of its page. */
export interface Words {
  t: Translate;
  /** A moment, and a day, in the reader's language and time zone; both from Unix seconds. */
  when(seconds: number): string;
  day(seconds: number): string;
  language: string;
  direction: string;
  /** The languages that pages could be in. */
  languages: { tag: string; name: string; direction: string }[];
  brand: string;
  /** What is wrong with the page's form: a key, or a text, by the field's name. */
  faults: Record<string, string>;
}

/**
 * What a view or partial shows besides what it is given: texts put together, lists to choose from, shapes of a chart. It is
 * built from all that the view is given, and only that view sees it, not the partials in it.
 */
export type ViewModel = (given: never) => Record<string, unknown>;

/** By the view's path in `views/`, without its ending. */
export type ViewModels = Readonly<Record<string, ViewModel>>;

/** A value to choose, and what it is called. */
export interface Choice {
  value: string;
  text: string;
  lang?: string;
}

/** Values to choose from, called by their texts under this key. */
export const choicesOf = (values: readonly string[], key: string, t: Translate): Choice[] =>
  values.map((value) => ({ value, text: t(`${key}.${value}`) }));

/** The texts under this key, by name. */
export const textsOf = (names: readonly string[], key: string, t: Translate): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, t(`${key}.${name}`)]));

/** The languages that pages could be in, and the one that somebody has chosen although there are none of it. */
export function languageChoices(languages: Words['languages'], chosen: string | undefined): Choice[] {
  const offered = languages.map(({ tag, name }) => ({ value: tag, text: name, lang: tag }));
  const isOffered = !chosen || offered.some(({ value }) => value === chosen);
  return isOffered ? offered : [...offered, { value: chosen, text: chosen }];
}

export const zoneChoices = (zones: readonly string[]): Choice[] =>
  zones.map((zone) => ({ value: zone, text: zone.replaceAll('_', ' ') }));

/** The name of a user as the API writes it; empty when there is none. */
export const fullName = ({ first_name: first, last_name: last }: { first_name?: string; last_name?: string }): string =>
  [first, last].filter(Boolean).join(' ');

/** The words of a form's hidden field, which lie between spaces or lines. */
export const wordsOf = (text: string | undefined): string[] => (text ?? '').split(/\s+/).filter(Boolean);

/** A query with these fields, without those that are undefined. */
export const queryOf = (fields: Record<string, string | undefined>): string =>
  new URLSearchParams(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  ).toString();

/** The faults of a form, for a view: which fields have one, in the order of the form, and what is said beside each. */
export function formFaults(
  labels: Record<string, string>,
  { faults, t }: Pick<Words, 'faults' | 't'>,
  values: Record<string, string> = {},
) {
  const faulty = Object.keys(labels).filter((name) => faults[name]);
  const text = (name: string) => t(`faults.${name}.${faults[name]}`, { ...values, defaultValue: t('faults.other') });
  return { faulty, says: Object.fromEntries(faulty.map((name) => [name, text(name)])) };
}
