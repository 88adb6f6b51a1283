/** What can be taken out and brought back. */
export const RECORD_TYPES = ['roles', 'groups', 'users', 'applications'] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** JSON Lines, one object a line; or comma-separated values with a header (RFC 4180). Both in UTF-8. */
export const FORMATS = ['jsonl', 'csv'] as const;
export type Format = (typeof FORMATS)[number];

/** Where the reading of a file can go on: the next record, and for CSV the columns that the header named. */
export interface Position {
  /** Bytes before the next record. */
  offset: number;
  /** The line on which the next record begins, the first being 1, as an editor shows it. */
  line: number;
  header?: string[];
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
 * How a column is written in one cell of CSV. `text` may be empty; an empty cell of any other form but `list` says that
 * there is no value. A list is separated by semicolons or is a JSON array; `json` is any JSON value.
 */
export type CellForm = 'text' | 'optional' | 'flag' | 'list' | 'json';

/** The columns of a type in the order in which they are exported. */
export type Columns = Readonly<Record<string, CellForm>>;

/** What names a part of the custom data in the header of a CSV file: `custom_data.address.city`. */
export const CUSTOM_DATA_PATH = 'custom_data.';

/** Whether a type has this column; `custom_data.<path>` counts where there is custom data. */
export function hasColumn(columns: Columns, name: string): boolean {
  if (Object.hasOwn(columns, name)) return true;
  return name.startsWith(CUSTOM_DATA_PATH) && name.length > CUSTOM_DATA_PATH.length && 'custom_data' in columns;
}
