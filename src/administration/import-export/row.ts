/** What can be taken out and brought back. */
export const RECORD_TYPES = ['roles', 'groups', 'users', 'applications'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** JSON Lines, one object a line; or CSV with a header (RFC 4180), with commas, semicolons or tabs. Both in UTF-8. */
export const FORMATS = ['jsonl', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Where the reading of a file can go on: the next record, and for CSV the columns that the header named. */
export interface Position {
  /** Bytes before the next record. */
  offset: number;
  /** The line on which the next record begins, the first being 1, as an editor shows it. */
  line: number;
  header?: string[];
  /** What is between the cells of a CSV file. */
  delimiter?: string;
}

export const BEGINNING: Position = { offset: 0, line: 1 };

/** What is wrong with a row; with the column where it is one column's fault. */
export interface RowFault {
  column?: string;
  reason: string;
}

/** One record of a file: its values by column, or why there are none. */
export interface SourceRow {
  line: number;
  /** The position after its end. */
  next: Position;
  values: Record<string, unknown>;
  faults: RowFault[];
  /** It is the header and cannot be used: nothing of the file is read. */
  isHeader?: true;
}

/**
 * How a column is written in one cell of CSV. An empty cell says nothing, and `<empty>` that the value is taken away. A list is
 * separated by semicolons or is a JSON array; `json` is any JSON value; `part` is one value in the custom data, as text.
 */
export type CellForm = 'text' | 'optional' | 'flag' | 'list' | 'json' | 'part';

/** The columns of a type in the order in which they are exported. */
export type Columns = Readonly<Record<string, CellForm>>;

/** What names a part of the custom data in the header of a CSV file: `custom_data.address.city`. */
export const CUSTOM_DATA_PATH = 'custom_data.';

/** Whether a type has this column; `custom_data.<path>` counts where there is custom data. */
export function hasColumn(columns: Columns, name: string): boolean {
  if (Object.hasOwn(columns, name)) return true;
  return name.startsWith(CUSTOM_DATA_PATH) && name.length > CUSTOM_DATA_PATH.length && 'custom_data' in columns;
}

/** The column that a header means, in any case and with spaces: `First Name`. A path in the custom data is as it is. */
export function columnNamed(columns: Columns, header: string): string {
  const name = header.trim();
  const folded = foldHeader(name);
  const known = Object.keys(columns).find((column) => foldHeader(column) === folded);
  if (known !== undefined) return known;
  const [, path] = /^custom[_ ]data\.(.+)$/is.exec(name) ?? [];
  return path === undefined ? name : `${CUSTOM_DATA_PATH}${path}`;
}

/** As the names of columns are written. */
export const foldHeader = (name: string): string =>
  name
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '_');
