import { isUtf8 } from 'node:buffer';
import type { Format, Position } from './row.ts';

/** Longer records are refused, so that one of them cannot fill the memory. */
export const MAX_RECORD_BYTES = 256 * 1024;

/** A piece of a file that holds one row: a line, or with CSV several when a cell in quotes has line breaks. */
export interface SourceRecord {
  line: number;
  /** The position after its end. */
  next: { offset: number; line: number };
  /** With its line break; empty when there is a fault. */
  bytes: Buffer;
  fault?: string;
}

/** Looks for the end of a record. It remembers what it saw, so that no byte is looked at twice. */
interface Scanner {
  /** The index after the line break that ends the record, or -1 when it goes on after these bytes. */
  findEnd(bytes: Buffer, from: number): number;
  /** Line breaks in the record so far, the last one included. */
  lineBreaks: number;
  isInQuotes(): boolean;
  startRecord(): void;
}

const LINE_FEED = 10;
const QUOTE = 34;
const COMMA = 44;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** Cuts a file into its records, a block at a time: those that end in the same piece of the source come together. */
export async function* splitRecords(
  source: AsyncIterable<Buffer>,
  format: Format,
  from: Position,
): AsyncGenerator<SourceRecord[]> {
  const cutter = createCutter(format === 'csv' ? csvScanner() : lineScanner(), from);
  for await (const bytes of source) {
    const records = cutter.take(bytes);
    if (records.length > 0) yield records;
  }
  const last = cutter.finish();
  if (last) yield [last];
}

function createCutter(scanner: Scanner, from: Position) {
  let { offset, line } = from;
  let held: Buffer = Buffer.alloc(0);
  let dropped = 0;

  function cut(bytes: Buffer): SourceRecord {
    const length = dropped + bytes.length;
    const record = toRecord(line, offset === 0 ? withoutMark(bytes) : bytes, length);
    offset += length;
    line += scanner.lineBreaks;
    dropped = 0;
    scanner.startRecord();
    return { ...record, next: { offset, line } };
  }

  /** Keeps the beginning of a record that goes on; of one that is too long only its length. */
  function hold(bytes: Buffer): void {
    held = bytes;
    if (dropped + held.length <= MAX_RECORD_BYTES) return;
    dropped += held.length;
    held = Buffer.alloc(0);
  }

  function take(piece: Buffer): SourceRecord[] {
    const records: SourceRecord[] = [];
    let looked = held.length;
    let start = 0;
    const bytes = looked > 0 ? Buffer.concat([held, piece]) : piece;
    for (let end = scanner.findEnd(bytes, looked); end !== -1; end = scanner.findEnd(bytes, looked)) {
      records.push(cut(bytes.subarray(start, end)));
      start = looked = end;
    }
    hold(bytes.subarray(start));
    return records;
  }

  // A quote that is never closed swallows what comes after it; what that would have been, nobody can say.
  function finish(): SourceRecord | undefined {
    if (scanner.isInQuotes()) {
      const { next, line: begin } = cut(held);
      const fault = 'a quote in this row is not closed, so the rest of the file could not be read';
      return { line: begin, next, bytes: Buffer.alloc(0), fault };
    }
    return held.length + dropped > 0 ? cut(held) : undefined;
  }

  return { take, finish };
}

function withoutMark(bytes: Buffer): Buffer {
  const { length } = BYTE_ORDER_MARK;
  return bytes.subarray(0, length).equals(BYTE_ORDER_MARK) ? bytes.subarray(length) : bytes;
}

function toRecord(line: number, bytes: Buffer, length: number): Omit<SourceRecord, 'next'> {
  const refuse = (fault: string) => ({ line, bytes: Buffer.alloc(0), fault });
  if (length > MAX_RECORD_BYTES) return refuse(`is longer than ${MAX_RECORD_BYTES} bytes`);
  return isUtf8(bytes) ? { line, bytes } : refuse('is not valid UTF-8');
}

function lineScanner(): Scanner {
  const scanner: Scanner = {
    lineBreaks: 0,
    findEnd(bytes, from) {
      const at = bytes.indexOf(LINE_FEED, from);
      if (at !== -1) scanner.lineBreaks += 1;
      return at === -1 ? -1 : at + 1;
    },
    isInQuotes: () => false,
    startRecord: () => void (scanner.lineBreaks = 0),
  };
  return scanner;
}

/** A quote opens only at the beginning of a cell; elsewhere it is a fault of that row and must not swallow the next ones. */
function csvScanner(): Scanner {
  let state: 'cell begins' | 'plain' | 'in quotes' | 'after quote' = 'cell begins';

  function step(byte: number): void {
    if (state === 'in quotes') state = byte === QUOTE ? 'after quote' : state;
    else if (byte === QUOTE && state !== 'plain') state = 'in quotes';
    else if (state === 'cell begins' && BYTE_ORDER_MARK.includes(byte)) return;
    else state = byte === COMMA ? 'cell begins' : 'plain';
  }

  const scanner: Scanner = {
    lineBreaks: 0,
    findEnd(bytes, from) {
      for (let at = from; at < bytes.length; at += 1) {
        const byte = bytes[at]!;
        if (byte === LINE_FEED) {
          scanner.lineBreaks += 1;
          if (state !== 'in quotes') return at + 1;
        }
        step(byte);
      }
      return -1;
    },
    isInQuotes: () => state === 'in quotes',
    startRecord() {
      state = 'cell begins';
      scanner.lineBreaks = 0;
    },
  };
  return scanner;
}
