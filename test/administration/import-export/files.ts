import { system } from '../../../src/platform/actor.ts';
import type { ImportOptions } from '../../../src/administration/import-export/record-type.ts';
import { importFile } from '../../../src/administration/import-export/import-file.ts';
import { exportFile } from '../../../src/administration/import-export/export-file.ts';
import type { Format, RecordType } from '../../../src/administration/import-export/row.ts';
import { countOutcomes, type RowOutcome } from '../../../src/administration/import-export/import-export.ts';
import type { TestApp } from '../../support/app.ts';

/** A file as it comes from a disk or a network: in pieces. */
export async function* pieces(bytes: Buffer, size = 64 * 1024): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield await Promise.resolve(bytes.subarray(at, at + size));
}

export interface Imported {
  counts: ReturnType<typeof countOutcomes>;
  faults: Pick<RowOutcome, 'line' | 'faults'>[];
}

/** Imports a text whole, as Cohort itself. */
export async function importText(
  { app }: TestApp,
  type: RecordType,
  text: string,
  { format = 'jsonl', ...more }: Partial<ImportOptions> & { format?: Format } = {},
): Promise<Imported> {
  const order = {
    type,
    options: { memberships: 'add' as const, createGroups: false, renameGroups: false, dryRun: false, ...more },
    actor: system,
    source: { id: 'people.jsonl', name: 'people.jsonl' },
  };
  const outcomes: RowOutcome[] = [];
  for await (const batch of importFile(app.importExport, { source: pieces(Buffer.from(text)), format, order }))
    outcomes.push(...batch.outcomes);
  return {
    counts: countOutcomes(outcomes),
    faults: outcomes.filter(({ outcome }) => outcome === 'failed').map(({ line, faults }) => ({ line, faults })),
  };
}

export const importRows = (
  test: TestApp,
  type: RecordType,
  rows: Record<string, unknown>[],
  options: Partial<ImportOptions> = {},
) => importText(test, type, rows.map((row) => JSON.stringify(row)).join('\n'), options);

export async function exportText(
  { app }: TestApp,
  type: RecordType,
  { format = 'jsonl', withSecrets = false }: { format?: Format; withSecrets?: boolean } = {},
): Promise<string> {
  let text = '';
  for await (const page of exportFile(app.importExport, { type, format, withSecrets })) text += page.text;
  return text;
}

export const collection = ({ app }: TestApp, name: string) => app.database.connection.collection(name);

/** Every document of a collection, in a stable order. */
export const documents = (test: TestApp, name: string) => collection(test, name).find({}).sort({ _id: 1 }).toArray();
