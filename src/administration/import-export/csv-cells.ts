import { stringify } from 'csv-stringify/sync';
import { readJsonText, type JsonText } from '../../platform/json-text.ts';
import type { CellForm } from './row.ts';

/** Spreadsheets run such a cell as a formula (OWASP, CSV Injection), also after quotes and white space. */
const FORMULA = /^['"\s]*[=+\-@\t\r\n＝＋－＠]/u;

/** What a cell says of a value that is to be taken away: an empty cell says nothing. */
const EMPTY = '<empty>';

const saysEmpty = (cell: string) => cell.trim().toLowerCase() === EMPTY;

const needsShield = (value: string) => value.startsWith("'") || FORMULA.test(value) || saysEmpty(value);

/** Puts an apostrophe before what a spreadsheet would run, and before an apostrophe, so that it can be told from ours. */
export function shield(value: string): string {
  return needsShield(value) ? `'${value}` : value;
}

/** Takes away the apostrophe that `shield` put there; one that a user wrote by hand before plain text stays. */
export function unshield(cell: string): string {
  return cell.startsWith("'") && needsShield(cell.slice(1)) ? cell.slice(1) : cell;
}

/** Lines of CSV (RFC 4180), every cell shielded. */
export function toLines(rows: string[][]): string {
  // A lone carriage return at the end of a cell would become half of the line break.
  return stringify(
    rows.map((cells) => cells.map(shield)),
    { quoted_match: /[\r\n]/ },
  );
}

/** A value as it stands in a cell. */
export function writeCell(value: unknown, form: CellForm): string {
  if (value === undefined || value === null) return '';
  if (form === 'json') return JSON.stringify(value);
  if (form === 'list') return writeList(value as unknown[]);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

// A list of plain words is easier on the eye; what has semicolons or more than names in it goes as JSON.
function writeList(items: unknown[]): string {
  const isPlain = items.every(
    (item, index) =>
      typeof item === 'string' &&
      /^[^;]+$/.test(item) &&
      item.trim() === item &&
      !(index === 0 && item.startsWith('[')),
  );
  return isPlain ? items.join(';') : JSON.stringify(items);
}

const NOTHING: Record<CellForm, unknown> = { text: '', list: [], json: {}, optional: null, flag: null, part: null };

/** Yes and no as spreadsheets write them, in their languages, and people. */
const FLAGS = new Map(
  Object.entries({
    true: ['true', 'yes', 'y', '1', 'wahr', 'ja', 'vrai', 'oui', 'verdadero', 'vero', 'verdadeiro', 'waar'],
    false: ['false', 'no', 'n', '0', 'falsch', 'nein', 'faux', 'non', 'falso', 'onwaar', 'nee'],
  }).flatMap(([value, words]) => words.map((word) => [word, value === 'true'] as const)),
);

/** The value that a cell stands for; undefined when it says nothing, and null when it takes an optional value away. */
export function readCell(shielded: string, form: CellForm): JsonText {
  if (shielded.trim() === '') return { value: undefined };
  if (saysEmpty(shielded)) return { value: NOTHING[form] };
  const cell = unshield(shielded);
  if (form === 'json') return readJsonText(cell);
  if (form === 'list') return readList(cell);
  if (form === 'flag') return { value: FLAGS.get(cell.trim().toLowerCase()) ?? cell };
  return { value: form === 'optional' ? cell.trim() : cell };
}

function readList(cell: string): JsonText {
  if (cell.trimStart().startsWith('[')) return readJsonText(cell);
  const items = cell.split(';').map((item) => item.trim());
  return { value: items.filter(Boolean) };
}
