import { readCell } from './csv-cells.ts';
import { toPointer } from '../../platform/json-pointer.ts';
import { readJsonText, type JsonText } from '../../platform/json-text.ts';
import { readRecords, type SourceRecord } from './record-reader.ts';
import {
  BEGINNING,
  columnNamed,
  foldHeader,
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
  for await (const record of readRecords(source, format, from)) {
    if (isEmpty(record)) continue;
    if (format === 'jsonl') {
      yield toJsonRow(record, columns);
    } else if (header) {
      yield toCsvRow(record, header, columns);
    } else {
      const row = toHeader(record, columns);
      header = row.next.header;
      if (row.faults.length > 0) return yield { ...row, isHeader: true };
    }
  }
}

/** The columns that a file names: those of its header, or the keys of its first object. */
export async function readColumnNames(source: AsyncIterable<Buffer>, format: Format): Promise<string[]> {
  for await (const record of readRecords(source, format, BEGINNING)) {
    if (isEmpty(record)) continue;
    if (format === 'csv') return record.cells.map(foldHeader).filter(Boolean);
    return Object.keys(toJsonRow(record, {}).values);
  }
  return [];
}

const isEmpty = ({ cells, isBlank, fault }: SourceRecord) =>
  fault === undefined && (isBlank || cells.every((cell) => cell.trim() === ''));

const faultsOf = (reason: string | undefined): RowFault[] => (reason === undefined ? [] : [{ reason }]);

function toJsonRow({ line, next, cells, fault }: SourceRecord, columns: Columns): SourceRow {
  if (fault) return { line, next, values: {}, faults: faultsOf(fault) };
  const { values, faults } = readObject(cells[0] ?? '');
  const unknown = Object.keys(values).filter((name) => !Object.hasOwn(columns, name));
  for (const [name, value] of Object.entries(values))
    if (value === '' && columns[name] === 'optional') values[name] = null;
  return { line, next, values, faults: [...faults, ...unknown.map(unknownColumn)] };
}

function readObject(text: string): { values: Record<string, unknown>; faults: RowFault[] } {
  const read = readJsonText(text);
  const faults = faultsOfJson(read);
  if (!('value' in read)) return { values: {}, faults };
  const { value } = read;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { values: {}, faults: [{ reason: 'is not a JSON object' }] };
  // null says the same as leaving it out.
  return { values: Object.fromEntries(Object.entries(value).filter(([, item]) => item !== null)), faults: [] };
}

/** What keeps a JSON text from being read as it is: the column, and a JSON pointer (RFC 6901) to the place in its value. */
function faultsOfJson(read: JsonText, column?: string): RowFault[] {
  if ('fault' in read) return [{ ...(column === undefined ? {} : { column }), reason: 'is not valid JSON' }];
  if (!('inexact' in read)) return [];
  return read.inexact.map(({ path, reason }) => {
    const [first, ...rest] = column === undefined ? path : [column, ...path];
    const at = rest.length > 0 ? `${toPointer(rest).slice(1)}: ` : '';
    return { ...(first === undefined ? {} : { column: String(first) }), reason: `${at}${reason}` };
  });
}

const unknownColumn = (name: string): RowFault => ({ column: name, reason: 'is not a column of this type' });

/** The header as a row: its faults are the file's, which is not read any further with a header that is wrong. */
function toHeader({ line, next, cells, fault }: SourceRecord, columns: Columns): SourceRow {
  const header = fault === undefined ? withoutTrailing(cells.map((cell) => columnNamed(columns, cell))) : [];
  const named = header.filter((name) => name !== '');
  const unknown = named.filter((name) => !hasColumn(columns, name)).map(unknownColumn);
  const twice = named.filter((name, index) => named.indexOf(name) !== index);
  const all = [...faultsOf(fault), ...unknown, ...twice.map((column) => ({ column, reason: 'appears twice' }))];
  const notRead = { reason: 'the header is not valid, so no rows were read' };
  return { line, next: { ...next, header }, values: {}, faults: all.length > 0 ? [...all, notRead] : [] };
}

function toCsvRow({ line, next, cells, fault }: SourceRecord, header: string[], columns: Columns): SourceRow {
  const row: SourceRow = { line, next: { ...next, header }, values: {}, faults: faultsOf(fault) };
  if (fault) return row;
  // Spreadsheets write cells of columns that have nothing in them, not even a name.
  const said = cells.slice(0, Math.max(header.length, withoutTrailing(cells).length));
  if (said.length !== header.length) {
    row.faults.push({ reason: `has ${said.length} cells, but the header has ${header.length}` });
    return row;
  }
  header.forEach((name, index) => readInto(row, name, said[index]!, columns));
  return row;
}

/** Without the empty cells at the end. */
const withoutTrailing = (cells: string[]): string[] =>
  cells.slice(0, cells.findLastIndex((cell) => cell.trim() !== '') + 1);

/** What `custom_data.<path>` holds is text, so that a postal code stays one; an empty cell says nothing. */
function readInto(row: SourceRow, name: string, cell: string, columns: Columns): void {
  if (name === '') {
    if (cell.trim() !== '') row.faults.push({ reason: 'has a value in a column without a name' });
    return;
  }
  const read = readCell(cell, columns[name] ?? 'part');
  row.faults.push(...faultsOfJson(read, name));
  if ('value' in read && read.value !== undefined) row.values[name] = read.value;
}
