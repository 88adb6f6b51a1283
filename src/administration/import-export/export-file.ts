import { system } from '../../platform/actor.ts';
import { createRowWriter } from './row-writer.ts';
import type { Format, RecordType } from './row.ts';
import type { ImportExport } from './import-export.ts';

const PAGE_ITEMS = 1000;

/** An export of Cohort's own as text, a page after the other. */
export async function* exportFile(
  importExport: ImportExport,
  { type, format, withSecrets }: { type: RecordType; format: Format; withSecrets: boolean },
): AsyncGenerator<{ text: string; rows: number }> {
  const writer = createRowWriter(format, importExport.exportColumnsOf(type, withSecrets));
  yield { text: writer.head(), rows: 0 };
  let after: string | undefined;
  do {
    const page = await importExport.exportPage(type, { after, limit: PAGE_ITEMS, withSecrets, actor: system });
    yield { text: writer.write(page.rows), rows: page.rows.length };
    after = page.next;
  } while (after !== undefined);
}
