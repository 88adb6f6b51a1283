import { open, rename, rm } from 'node:fs/promises';
import type { App } from '../app/app.ts';
import { exportFile } from '../administration/import-export/export-file.ts';
import { guessFormat } from '../administration/import-export/import-file.ts';
import type { Format, RecordType } from '../administration/import-export/row.ts';
import { createProgress } from './progress.ts';

export interface ExportCommand {
  type: RecordType;
  format?: Format;
  withSecrets?: true;
}

const STDOUT = '-';

/** `npx cohort export <file>`. What is written first has another name, so that half an export is not taken for a whole one. */
export async function exportCommand({ importExport }: App, file: string, command: ExportCommand): Promise<void> {
  const { type, withSecrets = false } = command;
  const format = command.format ?? guessFormat(file) ?? 'jsonl';
  const pages = exportFile(importExport, { type, format, withSecrets });
  const rows = file === STDOUT ? await copy(pages, toStdout) : await copyToFile(pages, file);
  console.error(`${type}: ${rows} exported.`);
}

type Pages = ReturnType<typeof exportFile>;

async function copy(pages: Pages, write: (text: string) => Promise<unknown>): Promise<number> {
  const progress = createProgress(undefined);
  let rows = 0;
  let bytes = 0;
  for await (const page of pages) {
    await write(page.text);
    rows += page.rows;
    bytes += page.text.length;
    progress.update(bytes, rows);
  }
  return rows;
}

function toStdout(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

async function copyToFile(pages: Pages, file: string): Promise<number> {
  const half = `${file}.${process.pid}.part`;
  const handle = await open(half, 'wx', 0o600);
  try {
    const rows = await copy(pages, (text) => handle.writeFile(text));
    await handle.sync();
    await handle.close();
    await rename(half, file);
    return rows;
  } catch (error) {
    await handle.close();
    await rm(half, { force: true });
    throw error;
  }
}
