import { z } from 'zod';
import { defineError } from '../../platform/errors.ts';
import { idShape } from '../../platform/ids.ts';
import { defineJobType, type JobType, type JobFailure, type JobStep } from '../../platform/jobs/job-type.ts';
import { EMPTY_FILE, type FileEnd, type FileStore } from './files.ts';
import { firstBatch } from './in-batches.ts';
import { readRows } from './row-reader.ts';
import { BEGINNING, FORMATS, RECORD_TYPES, type Position, type RecordType } from './row.ts';
import { createRowWriter } from './row-writer.ts';
import { BATCH_ROWS, countOutcomes, type RowOutcome, type ImportExport, type Withheld } from './import-export.ts';

/** How an import ends of which nothing could be read. */
const UNUSABLE_HEADER = {
  code: 'unusable_header',
  detail: 'The header of the file is not valid, so no rows were read.',
};

/** So many things of an export are read and written in one step. */
const PAGE_ITEMS = 1000;

export const UnknownFile = defineError('invalid', 'unknown_file', 'This file does not exist or has been deleted.');
const importInput = z.object({
  type: z.enum(RECORD_TYPES),
  format: z.enum(FORMATS),
  file_id: idShape.meta({ description: 'The uploaded file.' }),
  dry_run: z.boolean().default(false),
  memberships: z.enum(['add', 'replace']).default('add'),
  create_groups: z.boolean().default(false),
  rename_groups: z.boolean().default(false),
  lines: z.number().int().default(0).meta({ description: 'Estimated number of rows in the file.' }),
});

export type ImportInput = z.output<typeof importInput>;

const exportInput = z.strictObject({
  type: z.enum(RECORD_TYPES),
  format: z.enum(FORMATS).default('jsonl'),
  with_secrets: z.boolean().default(false).meta({ description: 'Include password hashes and client secrets.' }),
});

export type ExportInput = z.output<typeof exportInput>;

export interface ImportExportJobsOptions {
  importExport: ImportExport;
  files: FileStore;
}

/** Where the next row begins, and how many there were before it. */
type ImportCheckpoint = Position & { rows: number };

/** Imports and exports as jobs. */
export function importExportJobTypes(options: ImportExportJobsOptions): JobType[] {
  return [importWork(options), exportWork(options)];
}

/** Reads the next rows after the checkpoint and imports them, in the transaction that moves the checkpoint. */
function importWork({ importExport, files }: ImportExportJobsOptions): JobType {
  return defineJobType<typeof importInput, ImportCheckpoint>({
    kind: 'import',
    summary: 'Imports users, groups, roles or applications from a file.',
    input: importInput,
    scopes: [],
    scopesFor: ({ type }) => NEEDED[type].toImport,
    // Started by an upload.
    hasOwnEndpoint: true,
    errors: [UnknownFile],
    async check({ input }) {
      if ((await files.size(input.file_id)) === undefined) throw UnknownFile();
    },
    async step({ jobId, input, actor }, { rows: before, ...checkpoint } = { ...BEGINNING, rows: 0 }) {
      const reading = {
        format: input.format,
        columns: importExport.columnsOf(input.type),
        from: checkpoint,
      };
      const source = files.openFrom(input.file_id, checkpoint.offset);
      const rows = await firstBatch(readRows(source, reading), BATCH_ROWS);
      const outcomes = await importExport.importBatch(rows, {
        type: input.type,
        options: {
          memberships: input.memberships,
          createGroups: input.create_groups,
          renameGroups: input.rename_groups,
          dryRun: input.dry_run,
        },
        actor,
        rowsBefore: before,
        source: { id: jobId, name: `${input.type}.${input.format}` },
      });
      const hasNoHeader = rows.some(({ isHeader }) => isHeader);
      const isLast = rows.length < BATCH_ROWS;
      const done = before + rows.length;
      const next: ImportCheckpoint = { ...(rows.at(-1)?.next ?? checkpoint), rows: done };
      // An estimate until the end is known: a row may have several lines.
      const total = isLast ? done : Math.max(input.lines, done);
      const error = hasNoHeader ? { error: UNUSABLE_HEADER } : {};
      return { ...toStep(outcomes), checkpoint: next, total, isLast, ...error };
    },
  });
}

/** How far an export got: the last thing, and the last piece of the file. */
interface ExportCheckpoint {
  after?: string | undefined;
  end: FileEnd;
  /** The scopes that the secrets in the file grant. */
  powers?: string[];
}

/** Writes the next things to the file of the job, whose id is the job's, in the transaction that moves the checkpoint. */
function exportWork({ importExport, files }: ImportExportJobsOptions): JobType {
  return defineJobType<typeof exportInput, ExportCheckpoint>({
    kind: 'export',
    summary: 'Exports users, groups, roles or applications to a file. Download it with `GET /v1/jobs/{job_id}/file`.',
    input: exportInput,
    scopes: [],
    scopesFor: scopesToExport,
    async step({ jobId, input, actor }, checkpoint = { end: EMPTY_FILE }) {
      const { type, format, with_secrets: withSecrets } = input;
      const writer = createRowWriter(format, importExport.exportColumnsOf(type, withSecrets));
      const page = await importExport.exportPage(type, {
        after: checkpoint.after,
        limit: PAGE_ITEMS,
        withSecrets,
        actor,
      });
      const head = checkpoint.end.bytes === 0 ? writer.head() : '';
      const end = await files.append(jobId, checkpoint.end, Buffer.from(head + writer.write(page.rows)));
      const done = page.rows.length;
      const powers = [...new Set([...(checkpoint.powers ?? []), ...page.powers])];
      const next: ExportCheckpoint = { after: page.next, end, powers };
      const failures = page.withheld.map(toWithheld);
      return { checkpoint: next, done, outcomes: { exported: done }, failures, isLast: page.next === undefined };
    },
  });
}

/** A thing that is exported without its secrets. */
const toWithheld = ({ name, columns, scopes }: Withheld): JobFailure => ({
  item: name,
  code: 'secret_withheld',
  detail: `${columns.join(', ')}: left out, because it requires the scope ${scopes.join(' ')}`,
});

/** To have the file of an export takes the scopes that ordering it took, and all that the secrets in it give. */
export function scopesToDownload(input: ExportInput, checkpoint: unknown): string[] {
  const { powers = [] } = (checkpoint ?? {}) as Partial<ExportCheckpoint>;
  return [...scopesToExport(input), ...powers];
}

/** What one needs to order an export. */
export function scopesToExport({ type, with_secrets: withSecrets }: ExportInput): string[] {
  return [...NEEDED[type].toExport, ...(withSecrets ? [EXPORT_SECRETS] : [])];
}

export const EXPORT_SECRETS = 'secrets:export';

/** Scopes depend on the type: users come with the names of their groups, and groups with those of their roles. */
const NEEDED: Record<RecordType, { toImport: string[]; toExport: string[] }> = {
  users: { toImport: ['users:write', 'groups:write'], toExport: ['users:read', 'groups:read'] },
  groups: { toImport: ['groups:write', 'roles:read'], toExport: ['groups:read', 'roles:read'] },
  roles: { toImport: ['roles:write'], toExport: ['roles:read'] },
  applications: { toImport: ['applications:write'], toExport: ['applications:read'] },
};

function toStep(outcomes: RowOutcome[]): Omit<JobStep, 'checkpoint' | 'isLast'> {
  const failures = outcomes.flatMap(({ line, faults }): JobFailure[] =>
    faults.map(({ column, reason }) => ({
      item: `line ${line}`,
      code: 'faulty_row',
      detail: column === undefined ? reason : `${column}: ${reason}`,
    })),
  );
  return { done: outcomes.length, outcomes: { ...countOutcomes(outcomes) }, failures };
}
