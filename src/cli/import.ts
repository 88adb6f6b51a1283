import { createReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import type { App } from '../app/app.ts';
import { system } from '../platform/actor.ts';
import { toUtf8, type TEXT_ENCODINGS } from '../platform/text-encodings.ts';
import { defineError } from '../platform/errors.ts';
import { guessFormat, guessType, importFile } from '../administration/import-export/import-file.ts';
import {
  FORMATS,
  RECORD_TYPES,
  type Format,
  type RowFault,
  type RecordType,
} from '../administration/import-export/row.ts';
import { countOutcomes, type Outcome, type RowOutcome } from '../administration/import-export/import-export.ts';
import { createProgress } from './progress.ts';

export interface ImportCommand {
  type?: RecordType;
  format?: Format;
  dryRun?: true;
  memberships: 'add' | 'replace';
  createGroups?: true;
  renameGroups?: true;
  /** Of the file, if it is not to be recognized. */
  encoding?: (typeof TEXT_ENCODINGS)[number];
  /** Where every faulty row is written, as JSON Lines. */
  faults?: string;
}

const UnknownFileType = defineError(
  'invalid',
  'unknown_file_type',
  'The type or format of the file could not be detected.',
);

const SHOWN_FAULTS = 100;
const STDIN = '-';

/** The exit code of an import that was completed, but in which rows failed; 1 is that of a command that failed. */
const COMPLETED_WITH_FAILURES = 2;

/** `npx cohort import <file>` */
export async function importCommand({ importExport }: App, file: string, command: ImportCommand): Promise<void> {
  await assertReadable(file, command.encoding);
  const { format, type } = await identify(importExport, file, command);
  const faults = await createFaultList(command.faults);
  const progress = createProgress(file === STDIN ? undefined : (await stat(file)).size);
  const totals = { created: 0, updated: 0, unchanged: 0, failed: 0 };
  const order = {
    type,
    options: {
      dryRun: command.dryRun ?? false,
      memberships: command.memberships,
      createGroups: command.createGroups ?? false,
      renameGroups: command.renameGroups ?? false,
    },
    actor: system,
    source: { id: basename(file), name: basename(file) },
  };
  try {
    for await (const { outcomes, bytes } of importFile(importExport, {
      source: openSource(file, command.encoding),
      format,
      order,
    })) {
      addTo(totals, countOutcomes(outcomes));
      await faults.add(outcomes);
      progress.update(bytes, sum(totals));
    }
  } finally {
    progress.stop();
    await faults.close();
  }
  faults.show();
  console.log(summaryOf(totals, type, order.options.dryRun));
  if (totals.failed > 0) process.exitCode = COMPLETED_WITH_FAILURES;
}

/** In UTF-8. A stream is read no faster than its rows are written, so the size of the file does not matter. */
function openSource(file: string, encoding: string | undefined): AsyncIterable<Buffer> {
  return toUtf8(file === STDIN ? process.stdin : createReadStream(file), encoding);
}

/** Reads a file once to its end, so that none of its rows is written when it turns out to be in another encoding. @throws NotUtf8 */
async function assertReadable(file: string, encoding: string | undefined): Promise<void> {
  if (file === STDIN) return;
  for await (const _piece of openSource(file, encoding));
}

/** @throws UnknownFileType */
async function identify(
  importExport: App['importExport'],
  file: string,
  command: ImportCommand,
): Promise<{ format: Format; type: RecordType }> {
  const format = command.format ?? guessFormat(file);
  if (!format)
    throw UnknownFileType({
      detail: `The format of the file could not be detected. Use --format ${FORMATS.join(' or --format ')}.`,
    });
  const guess =
    file === STDIN
      ? undefined
      : () =>
          guessType(importExport, {
            source: openSource(file, command.encoding),
            format,
            name: basename(file),
          });
  const type = command.type ?? (await guess?.());
  if (!type)
    throw UnknownFileType({
      detail: `The type of the records could not be detected. Use --type ${RECORD_TYPES.join(', --type ')}.`,
    });
  return { format, type };
}

/** Keeps the first faulty rows for the screen and writes all of them to a file, if one is wanted. */
async function createFaultList(path: string | undefined) {
  const file: FileHandle | undefined = path === undefined ? undefined : await open(path, 'w', 0o600);
  const shown: string[] = [];
  let count = 0;

  async function add(outcomes: RowOutcome[]): Promise<void> {
    const failed = outcomes.filter(({ outcome }) => outcome === 'failed');
    count += failed.length;
    for (const { line, faults } of failed.slice(0, SHOWN_FAULTS - shown.length)) shown.push(sentenceOf(line, faults));
    const entries = failed.flatMap(({ line, faults }) =>
      faults.map((fault) => `${JSON.stringify({ line, ...fault })}\n`),
    );
    if (entries.length > 0) await file?.write(entries.join(''));
  }

  function show(): void {
    for (const sentence of shown) console.error(sentence);
    if (count <= shown.length) return;
    const where = path ?? 'a file with --faults <file>';
    console.error(`… and ${count - shown.length} more faulty rows. See all of them in ${where}.`);
  }

  return { add, show, close: async () => file?.close() };
}

function sentenceOf(line: number, faults: RowFault[]): string {
  const reasons = faults.map(({ column, reason }) => (column === undefined ? reason : `${column} ${reason}`));
  return `line ${line}: ${reasons.join('; ')}`;
}

function summaryOf(totals: Record<Outcome, number>, type: RecordType, dryRun: boolean): string {
  const { created, updated, unchanged, failed } = totals;
  const counts = `${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} faulty`;
  const summary = failed > 0 ? `${type}: completed with failures: ${counts}.` : `${type}: ${counts}.`;
  return dryRun ? `Dry run, nothing was written. ${summary}` : summary;
}

function addTo(totals: Record<Outcome, number>, counts: Record<Outcome, number>): void {
  totals.created += counts.created;
  totals.updated += counts.updated;
  totals.unchanged += counts.unchanged;
  totals.failed += counts.failed;
}

const sum = (totals: Record<Outcome, number>) => Object.values(totals).reduce((a, b) => a + b, 0);
