import type { SourceBytes } from './source-bytes.ts';

/** What spreadsheets write between cells: a comma, a semicolon where the comma is the decimal sign, a tab. */
export const DELIMITERS = [',', ';', '\t'] as const;

/** Excel's own line before the header, which says what is between the cells. */
const SEP_LINE = /^\uFEFF?"?sep=(.)"?\r?\n?$/i;

export interface Dialect {
  delimiter: string;
  /** The bytes of the line that only says what is between the cells. */
  sepLineBytes: number;
  /** The file cannot be read because of this. */
  fault?: string;
}

/** What a CSV file has between its cells, by its first line that has anything in it. Reads no further. */
export async function findDialect(bytes: SourceBytes, maxBytes: number): Promise<Dialect> {
  const first = await firstLine(bytes, maxBytes);
  const [, separator] = SEP_LINE.exec(first) ?? [];
  if (separator !== undefined) {
    const sepLineBytes = Buffer.byteLength(first);
    if (isDelimiter(separator)) return { delimiter: separator, sepLineBytes };
    const fault = `the cells are separated by '${separator}'; supported are commas, semicolons and tabs`;
    return { delimiter: ',', sepLineBytes, fault };
  }
  if (/\r(?!\n)/.test(outsideQuotes(first)) && !first.includes('\n') && /\r[^\n]/.test(first))
    return {
      delimiter: ',',
      sepLineBytes: 0,
      fault: 'the lines end in CR alone, as in classic Mac OS; save it with LF or CR LF',
    };
  return { delimiter: mostFrequent(outsideQuotes(first)), sepLineBytes: 0 };
}

const isDelimiter = (text: string) => DELIMITERS.some((delimiter) => delimiter === text);

/** Of several, the one that stands there most often; a file of one column has none. */
function mostFrequent(line: string): string {
  const counted = DELIMITERS.map((delimiter) => ({ delimiter, count: line.split(delimiter).length - 1 }));
  const [most] = counted.toSorted((a, b) => b.count - a.count);
  return most && most.count > 0 ? most.delimiter : ',';
}

const outsideQuotes = (line: string) => line.replace(/"[^"]*(?:"|$)/g, '');

/** Blank lines before the first one belong to it. */
async function firstLine(bytes: SourceBytes, maxBytes: number): Promise<string> {
  for (;;) {
    const text = bytes.held.subarray(0, maxBytes).toString();
    const end = endOfLine(text);
    if (end !== -1) return text.slice(0, end);
    if (bytes.held.length >= maxBytes || (await bytes.readMore()) === undefined)
      return bytes.held.subarray(0, maxBytes).toString();
  }
}

/** After the first line feed that is not in quotes and has something before it. */
function endOfLine(text: string): number {
  let isInQuotes = false;
  let hasBegun = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at]!;
    if (character === '\n' && hasBegun && !isInQuotes) return at + 1;
    if (character === '"') isInQuotes = !isInQuotes;
    if (!/[\uFEFF\s]/.test(character)) hasBegun = true;
  }
  return -1;
}
