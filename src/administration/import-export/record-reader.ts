import { isUtf8 } from 'node:buffer';
import { parse, type Info, type Options } from 'csv-parse';
import { createSourceBytes, type SourceBytes } from './source-bytes.ts';
import { findDialect } from './csv-dialect.ts';
import type { Format, Position } from './row.ts';

/** Longer records are refused, so that one of them cannot fill the memory. */
export const MAX_RECORD_BYTES = 256 * 1024;

/** A piece of a file that holds one row: a line, or with CSV several when a cell in quotes has line breaks. */
export interface SourceRecord {
  line: number;
  /** The position after its end. */
  next: { offset: number; line: number; delimiter?: string };
  /** With JSON Lines a single one, the line. To be read only if there is no fault. */
  cells: string[];
  isBlank: boolean;
  fault?: string | undefined;
}

const LINE_FEED = 10;
const SPACE = 32;
const QUOTE = 34;

/** csv-parse holds fewer bytes back to see what comes after them. */
const LOOKAHEAD_BYTES = 16;

/** A delimiter that no line of JSON contains: control characters are escaped in it. */
const NOT_IN_JSON = '\0';

const SHARED: Options = { info: true, relax_column_count: true, record_delimiter: ['\r\n', '\n'] };

// csv-parse cannot go on after a fault: after `max_record_size` it drops the next rows, and a broken quote takes them into
// its cell, `skip_records_with_error` or not. So it accepts all quotes and lengths, and each record is checked here.
const OPTIONS: Record<Format, Options> = {
  csv: { ...SHARED, relax_quotes: true, skip_records_with_error: true },
  jsonl: { ...SHARED, quote: null, escape: null },
};

/** How the records of a file are told apart. */
interface Form {
  format: Format;
  delimiter: string;
  /** A row of RFC 4180: only a cell in quotes contains quotes, and each of them twice. */
  row: RegExp;
}

function formOf(format: Format, delimiter: string): Form {
  const cell = `(?:"[^"]*(?:""[^"]*)*"|[^"${delimiter}]*)`;
  return { format, delimiter, row: new RegExp(`^\uFEFF?${cell}(?:${delimiter}${cell})*(?:\\r?\\n)?$`) };
}

const UNCLOSED = 'a quote in this row is not closed, so the rest of the file could not be read';
const TOO_LONG = `is longer than ${MAX_RECORD_BYTES} bytes`;

/** Cuts a file into its records from a position on, in constant memory. A faulty one says why, and the others go on. */
export async function* readRecords(
  source: AsyncIterable<Buffer>,
  format: Format,
  from: Position,
): AsyncGenerator<SourceRecord> {
  const bytes = createSourceBytes(source, from.offset);
  let { line, delimiter } = from;
  const placed = (lineBreaks: number) => {
    const begin = line;
    line += lineBreaks;
    return { line: begin, next: { offset: bytes.offset, line, ...(delimiter ? { delimiter } : {}) } };
  };
  try {
    if (format === 'csv' && delimiter === undefined) {
      const dialect = await findDialect(bytes, MAX_RECORD_BYTES);
      ({ delimiter } = dialect);
      const place = placed(countLineBreaks(bytes.take(dialect.sepLineBytes)));
      if (dialect.fault) return yield { ...place, cells: [], isBlank: false, fault: dialect.fault };
    }
    const form = formOf(format, delimiter ?? NOT_IN_JSON);
    for (;;) {
      for await (const { cells, end } of parseRecords(bytes, form)) {
        const record = bytes.take(end - bytes.offset);
        const isBlank = record.every((byte) => byte <= SPACE);
        yield { ...placed(countLineBreaks(record)), cells, isBlank, fault: faultOf(record, form) };
      }
      // What is left begins with a record that has no end, or that is too long to wait for it.
      const { length, lineBreaks, isInQuotes, isLast } = await skipRecord(bytes, form);
      const tooLong = length > MAX_RECORD_BYTES ? TOO_LONG : undefined;
      const fault = isInQuotes ? UNCLOSED : tooLong;
      if (fault) yield { ...placed(lineBreaks), cells: [], isBlank: false, fault };
      if (isLast) return;
    }
  } finally {
    await bytes.close();
  }
}

/** What csv-parse answers with the option `info`. */
interface ParsedRecord {
  record: string[];
  info: Info;
}

/** What csv-parse reads in the bytes that come, until a record is too long. Each is to be taken from them at once. */
async function* parseRecords(
  bytes: SourceBytes,
  { format, delimiter }: Form,
): AsyncGenerator<{ cells: string[]; end: number }> {
  const start = bytes.offset;
  const parser = parse({ ...OPTIONS[format], delimiter, bom: start === 0 });
  const toCells = ({ record, info }: ParsedRecord) => ({
    cells: format === 'csv' ? record : [record.join(NOT_IN_JSON)],
    end: start + info.bytes,
  });
  const read = () => parser.read() as ParsedRecord | null;
  let piece = bytes.held.length > 0 ? bytes.held : await bytes.readMore();
  while (piece) {
    parser.write(piece);
    for (let parsed = read(); parsed !== null; parsed = read()) yield toCells(parsed);
    if (bytes.held.length > MAX_RECORD_BYTES + LOOKAHEAD_BYTES) return;
    piece = await bytes.readMore();
  }
  parser.end();
  for await (const parsed of parser as AsyncIterable<ParsedRecord>) yield toCells(parsed);
}

function faultOf(record: Buffer, { format, row }: Form): string | undefined {
  if (record.length > MAX_RECORD_BYTES) return TOO_LONG;
  if (!isUtf8(record)) return 'is not valid UTF-8';
  const hasQuotes = format === 'csv' && record.includes(QUOTE);
  return hasQuotes && !row.test(record.toString()) ? 'is not valid CSV: unexpected quote' : undefined;
}

/** Takes a record from its beginning to its end without keeping it. */
async function skipRecord(bytes: SourceBytes, { format, delimiter }: Form) {
  const skipped = { length: 0, lineBreaks: 0, isInQuotes: false, isLast: false };
  const separator = delimiter.charCodeAt(0);
  let previous = separator;

  function findEnd(): number {
    for (const [at, byte] of bytes.held.entries()) {
      if (byte === LINE_FEED && !skipped.isInQuotes) return at + 1;
      // A quote opens at the beginning of a cell, or as the second of two that stand for one.
      if (byte === QUOTE && format === 'csv')
        skipped.isInQuotes = !skipped.isInQuotes && (previous === separator || previous === QUOTE);
      previous = byte;
    }
    return -1;
  }

  for (;;) {
    const end = findEnd();
    const part = bytes.take(end === -1 ? bytes.held.length : end);
    skipped.length += part.length;
    skipped.lineBreaks += countLineBreaks(part);
    if (end !== -1) return skipped;
    skipped.isLast = (await bytes.readMore()) === undefined;
    if (skipped.isLast) return skipped;
  }
}

function countLineBreaks(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(LINE_FEED); at !== -1; at = bytes.indexOf(LINE_FEED, at + 1)) count += 1;
  return count;
}
