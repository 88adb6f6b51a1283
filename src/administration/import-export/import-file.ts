import { inBatches } from './in-batches.ts';
import { readColumnNames, readRows } from './row-reader.ts';
import { BEGINNING, hasColumn, RECORD_TYPES, type Format, type RecordType } from './row.ts';
import { BATCH_ROWS, type ImportOrder, type RowOutcome, type ImportExport } from './import-export.ts';

/** What the last batch came to, and how many bytes of the file are after it. */
export interface ImportedBatch {
  outcomes: RowOutcome[];
  bytes: number;
}

/** Imports a whole file, a batch after the other; the consumer decides when the next one is read. */
export async function* importFile(
  importExport: ImportExport,
  { source, format, order }: { source: AsyncIterable<Buffer>; format: Format; order: Omit<ImportOrder, 'rowsBefore'> },
): AsyncGenerator<ImportedBatch> {
  const rows = readRows(source, { format, columns: importExport.columnsOf(order.type), from: BEGINNING });
  let rowsBefore = 0;
  for await (const batch of inBatches(rows, BATCH_ROWS)) {
    const outcomes = await importExport.importBatch(batch, { ...order, rowsBefore });
    rowsBefore += batch.length;
    yield { outcomes, bytes: batch.at(-1)!.next.offset };
  }
}

/** Columns that only one type has, and every file of it has or is likely to have. */
const TELLING: Record<RecordType, string[]> = {
  users: ['username'],
  applications: ['client_id'],
  groups: ['group_id', 'roles', 'path'],
  roles: ['role_id'],
};

/** What a file holds, by its columns or else by its name; undefined when neither makes it clear. */
export async function guessType(
  importExport: ImportExport,
  { source, format, name }: { source: AsyncIterable<Buffer>; format: Format; name: string },
): Promise<RecordType | undefined> {
  const columns = await readColumnNames(source, format);
  const told = RECORD_TYPES.filter((type) => TELLING[type].some((column) => columns.includes(column)));
  if (told.length === 1) return told[0];
  const fitting = RECORD_TYPES.filter((type) =>
    columns.every((column) => hasColumn(importExport.columnsOf(type), column)),
  );
  const named = fitting.filter((type) => name.toLowerCase().includes(type.slice(0, -1)));
  return named.length === 1 ? named[0] : undefined;
}

/** The format that a file's name tells. */
export function guessFormat(name: string): Format | undefined {
  if (/\.(csv|tsv)$/i.test(name)) return 'csv';
  return /\.(jsonl|ndjson)$/i.test(name) ? 'jsonl' : undefined;
}
