/**
 * Keys by which lists are ordered and paged. Each is a text that no other item of its list shares, so that a page can begin
 * exactly after an item, and one index gives the order without sorting.
 */

const WORD_LENGTH = 200;

/** Folded for search and order: lowercase, without accents and without what is invisible. */
export function fold(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/[\p{M}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
}

/** The key of some words, in order; `unique` keeps apart those who share them. */
export function wordKey(words: string[], unique: string): string {
  const folded = words.map((word) => fold(word).slice(0, WORD_LENGTH));
  return `${folded.join(' ')}\0${unique}`;
}

export const TIME_KEY_LENGTH = 12;

/** Twelve hexadecimal digits of milliseconds: as text in the order of time until the year 10889. */
export function timeKey(at: Date | undefined, unique = ''): string {
  return `${(at?.getTime() ?? 0).toString(16).padStart(TIME_KEY_LENGTH, '0')}${unique}`;
}

/** Keys from `from` on and below `below`. */
export interface KeyRange {
  from?: string;
  below?: string;
}

/** Every key that begins so. */
export function beginningWith(prefix: string): KeyRange {
  return { from: prefix, below: `${prefix}\u{10FFFF}` };
}

/** Keys of times at or after the one and before the other. */
export function between(after: Date | undefined, before: Date | undefined): KeyRange | undefined {
  if (!after && !before) return undefined;
  return { ...(after ? { from: timeKey(after) } : {}), ...(before ? { below: timeKey(before) } : {}) };
}

/** The order of code points, which is that of UTF-8 and of the database; JavaScript's own differs beyond the basic plane. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  let at = 0;
  while (at < shorter && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at === shorter ? a.length - b.length : rankOf(a.charCodeAt(at)) - rankOf(b.charCodeAt(at));
}

/** Surrogates (Unicode Standard, section 3.9) stand for code points beyond all others. */
function rankOf(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
