import { readCell, toCells, unshield } from './csv-cells.ts';
import { splitRecords, type SourceRecord } from './record-splitter.ts';
import {
  BEGINNING,
  hasColumn,
  type Columns,
  type Format,
  type Position,
  type RowFault,
  type SourceRow,
} from './row.ts';

/**
 * Reads the rows of a file from a position on, in constant memory. A faulty row is one with its reasons, and the others go
 * on; only a header that cannot be used, or a quote that is never closed, ends the reading with a last faulty row.
 */
export async function* readRows(
  source: AsyncIterable<Buffer>,
  { format, columns, from }: { format: Format; columns: Columns; from: Position },
): AsyncGenerator<SourceRow> {
  let header = from.header;
  for await (const block of splitRecords(source, format, from)) {
    if (format === 'jsonl') {
      for (const record of block) if (!isBlank(record)) yield toJsonRow(record, columns);
      continue;
    }
    const rows = readCsvRecords(block);
    if (!header && rows[0]) {
      const row = toHeader(rows.shift()!, columns);
      header = row.next.header;
      if (row.faults.length > 0) return yield { ...row, isHeader: true };
    }
    for (const row of rows) if (!row.isEmpty) yield toCsvRow(row, header!, columns);
  }
}

/** The columns that a file names: those of its header, or the keys of its first object. */
export async function readColumnNames(source: AsyncIterable<Buffer>, format: Format): Promise<string[]> {
  for await (const block of splitRecords(source, format, BEGINNING)) {
    const first = block.find((record) => !isBlank(record));
    if (!first) continue;
    if (format === 'csv') return readCsvRecords([first])[0]?.cells.map((cell) => cell.trim()) ?? [];
    return Object.keys(toJsonRow(first, {}).values);
  }
  return [];
}

const SPACE = 32;

const isBlank = ({ fault, bytes }: SourceRecord) => fault === undefined && bytes.every((byte) => byte <= SPACE);

function toJsonRow({ line, next, bytes, fault }: SourceRecord, columns: Columns): SourceRow {
  if (fault) return { line, next, values: {}, faults: [{ reason: fault }] };
  const { values, faults } = readObject(bytes.toString());
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(columns, name));
  return { line, next, values, faults: [...faults, ...unknown.map(unknownColumn)] };
}

function readObject(text: string): { values: Record<string, unknown>; faults: RowFault[] } {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      return { values: {}, faults: [{ reason: 'is not a JSON object' }] };
    if (hasHalfCharacters(text, value))
      return { values: {}, faults: [{ reason: 'contains an incomplete Unicode character' }] };
    // null says the same as leaving it out.
    return { values: Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null)), faults: [] };
  } catch {
    return { values: {}, faults: [{ reason: 'is not valid JSON' }] };
  }
}

// Half of a surrogate pair would be stored as something else, and differ from its row for ever.
function hasHalfCharacters(text: string, value: unknown): boolean {
  if (!/\\ud[89a-f]/i.test(text)) return false;
  const isBroken = (part: unknown): boolean =>
    typeof part === 'string'
      ? !part.isWellFormed()
      : typeof part === 'object' &&
        part !== null &&
        Object.entries(part).some(([key, item]) => isBroken(key) || isBroken(item));
  return isBroken(value);
}

const unknownColumn = (name: string): RowFault => ({ column: name, reason: 'is not a column of this type' });

/** A record with its cells, and what kept it from having any. */
interface CsvRecord extends Pick<SourceRecord, 'line' | 'next'> {
  cells: string[];
  faults: RowFault[];
  isEmpty: boolean;
}

// One call for many records is ten times as fast as one for each, which only finds out whose fault it was.
function readCsvRecords(records: SourceRecord[]): CsvRecord[] {
  const filled = records.filter((record) => !isBlank(record));
  const readable = filled.filter(({ fault }) => fault === undefined);
  const cells = cellsOfAll(readable);
  let next = 0;
  return filled.map((record) =>
    record.fault === undefined && cells ? toCsvRecord(record, cells[next++]!) : readCsvRecord(record),
  );
}

function cellsOfAll(records: SourceRecord[]): string[][] | undefined {
  try {
    const rows = toCells(Buffer.concat(records.map(({ bytes }) => bytes)));
    return rows.length === records.length ? rows : undefined;
  } catch {
    return undefined;
  }
}

function readCsvRecord(record: SourceRecord): CsvRecord {
  const { line, next, bytes, fault } = record;
  const faulty = (reason: string) => ({ line, next, cells: [], faults: [{ reason }], isEmpty: false });
  if (fault) return faulty(fault);
  try {
    const [cells, ...others] = toCells(bytes);
    if (cells && others.length === 0) return toCsvRecord(record, cells);
  } catch {
    // Said below for every kind of broken quotes.
  }
  return faulty('is not valid CSV: unexpected quote');
}

function toCsvRecord({ line, next }: SourceRecord, cells: string[]): CsvRecord {
  return { line, next, cells, faults: [], isEmpty: cells.every((cell) => cell === '') };
}

/** The header as a row: its faults are the file's, which is not read any further with a header that is wrong. */
function toHeader({ line, next, cells, faults }: CsvRecord, columns: Columns): SourceRow {
  const header = cells.map((cell) => cell.trim());
  const unknown = header.filter((name) => !hasColumn(columns, name)).map(unknownColumn);
  const twice = header.filter((name, index) => header.indexOf(name) !== index);
  const all = [...faults, ...unknown, ...twice.map((column) => ({ column, reason: 'appears twice' }))];
  const notRead = { reason: 'the header is not valid, so no rows were read' };
  return { line, next: { ...next, header }, values: {}, faults: all.length > 0 ? [...all, notRead] : [] };
}

function toCsvRow({ line, next, cells, faults }: CsvRecord, header: string[], columns: Columns): SourceRow {
  const row: SourceRow = { line, next: { ...next, header }, values: {}, faults: [...faults] };
  if (faults.length > 0) return row;
  if (cells.length !== header.length) {
    row.faults.push({ reason: `has ${cells.length} cells, but the header has ${header.length}` });
    return row;
  }
  header.forEach((name, index) => readInto(row, name, cells[index]!, columns));
  return row;
}

/** What `custom_data.<path>` holds is text, so that a postal code stays one; an empty cell says nothing. */
function readInto(row: SourceRow, name: string, cell: string, columns: Columns): void {
  try {
    const value = readCell(unshield(cell), columns[name] ?? 'optional');
    if (value !== undefined && value !== null) row.values[name] = value;
  } catch {
    row.faults.push({ column: name, reason: 'is not valid JSON' });
  }
}
