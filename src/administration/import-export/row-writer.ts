import { toLines, writeCell } from './csv-cells.ts';
import type { Columns, Format } from './row.ts';

/** Writes rows one after another; the first text of a CSV file begins with the header. */
export interface RowWriter {
  /** What comes before the rows. */
  head(): string;
  write(rows: Record<string, unknown>[]): string;
}

export function createRowWriter(format: Format, columns: Columns): RowWriter {
  return format === 'csv' ? csvWriter(columns) : jsonWriter(columns);
}

function csvWriter(columns: Columns): RowWriter {
  const names = Object.keys(columns);
  return {
    head: () => toLines([names]),
    write: (rows) => toLines(rows.map((row) => names.map((name) => writeCell(row[name], columns[name]!)))),
  };
}

function jsonWriter(columns: Columns): RowWriter {
  const names = Object.keys(columns);
  // What is null or undefined is left out: there is no value.
  const toLine = (row: Record<string, unknown>) =>
    `${JSON.stringify(Object.fromEntries(names.flatMap((name) => (row[name] == null ? [] : [[name, row[name]]]))))}\n`;
  return { head: () => '', write: (rows) => rows.map(toLine).join('') };
}
