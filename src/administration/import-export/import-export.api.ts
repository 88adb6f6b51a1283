import { createHash } from 'node:crypto';
import { z } from 'zod';
import { unlimited, type Authorization } from '../../platform/http/authorization.ts';
import { InsufficientScope, requireScopes, type Actor } from '../../platform/actor.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type NewId } from '../../platform/ids.ts';
import { endpoint, fileReply, resultOf, yesOrNo, type Endpoint } from '../../platform/http/endpoint.ts';
import { isCompleted, JobNotFound, jobReply, presentJob, type Job } from '../../platform/jobs/job.ts';
import { FileTooLarge, type FileStore } from './files.ts';
import { RECORD_TYPES, type Format } from './row.ts';
import { scopesToDownload, UnknownFile, type ExportInput, type ImportInput } from './import-export-jobs.ts';

export const NoFile = defineError(
  'conflict',
  'no_file',
  'Only a successful export has a file, which is kept for a week.',
);

export const NotADryRun = defineError(
  'conflict',
  'not_a_dry_run',
  'Only a dry run of an import whose file could be read can be applied.',
);

const MOST_BYTES = 4 * 1024 ** 3;
const tag = 'Jobs';

const formatOf: Record<string, Format> = {
  'text/csv': 'csv',
  'text/tab-separated-values': 'csv',
  'application/x-ndjson': 'jsonl',
};
const typeOf: Record<Format, string> = { csv: 'text/csv', jsonl: 'application/x-ndjson' };

const uploaded = z.object({ file_id: z.string(), format: z.enum(['csv', 'jsonl']), lines: z.number() });
type Uploaded = z.output<typeof uploaded>;

const toImport: Authorization = { ...unlimited, alsoRequires: 'The scopes for writing what is imported.' };
const toDownload: Authorization = {
  ...unlimited,
  alsoRequires: 'The scopes that starting the export required; for secrets, every scope of whose secrets they are.',
};

export const importFile = endpoint({
  method: 'post',
  path: '/v1/imports',
  summary: 'Import a file',
  description:
    'The body is the file: CSV with a header row, or JSON Lines. Commas, semicolons and tabs are recognized. UTF-8 and UTF-16 with a byte order mark are recognized; name another encoding, such as `text/csv; charset=windows-1252`. Users, groups, roles or applications are created, or updated by username, name or client ID. Importing the same file again changes nothing. Responds with the URL of the job, whose failures list the faulty rows by line. Also requires the scopes for writing what is imported.',
  tag,
  scope: 'jobs:write',
  authorize: toImport,
  query: z.strictObject({
    type: z.enum(RECORD_TYPES).meta({ description: 'Type of the records.' }),
    dry_run: yesOrNo.meta({ description: 'With `true`, nothing is written; the job lists all faulty rows.' }),
    memberships: z.enum(['add', 'replace']).default('add').meta({
      description: 'Whether users keep (`add`) or lose (`replace`) memberships that their row does not list.',
    }),
    create_groups: yesOrNo.meta({ description: 'With `true`, groups that do not exist are created.' }),
    rename_groups: yesOrNo.meta({
      description:
        'With `true`, a group with a `path` whose name another group has is created with the name of its parent group in front: `Team A / Developers`. Otherwise, the row is faulty.',
    }),
  }),
  body: uploaded,
  accepts: Object.keys(formatOf),
  status: 202,
  reply: resultOf(jobReply),
  location: ({ result }) => `/v1/jobs/${result.job_id}`,
  errors: [FileTooLarge, InsufficientScope],
});

export const applyDryRun = endpoint({
  method: 'post',
  path: '/v1/jobs/{job_id}/apply',
  summary: 'Apply a dry run',
  description:
    'Starts an import of the same file, as you and without `dry_run`, as long as the file is kept. Responds with the URL of the new job. Also requires the scopes for writing what is imported.',
  tag,
  scope: 'jobs:write',
  authorize: toImport,
  params: z.strictObject({ job_id: idShape }),
  status: 202,
  reply: resultOf(jobReply),
  location: ({ result }) => `/v1/jobs/${result.job_id}`,
  errors: [JobNotFound, NotADryRun, UnknownFile, InsufficientScope],
});

export const downloadExport = endpoint({
  method: 'get',
  path: '/v1/jobs/{job_id}/file',
  summary: 'Download the file of an export',
  description:
    'Requires the scopes that starting the export required, and, if it contains secrets, every scope of the services and administrators whose secrets they are.',
  tag,
  scope: 'jobs:read',
  authorize: toDownload,
  params: z.strictObject({ job_id: idShape }),
  produces: Object.values(typeOf),
  status: 200,
  reply: fileReply,
  errors: [JobNotFound, NoFile, InsufficientScope],
});

export interface ImportExportEndpointsOptions {
  files: FileStore;
  newId: NewId;
  orderImport(actor: Actor, input: ImportInput): Promise<Job>;
  /** @throws JobNotFound, InsufficientScope */
  readJob(actor: Actor, id: string): Promise<Job>;
}

export function importExportEndpoints({
  files,
  newId,
  orderImport,
  readJob,
}: ImportExportEndpointsOptions): Endpoint[] {
  /** Put away as it comes, whatever its size; hashed and counted on the way. */
  async function receive(stream: AsyncIterable<Buffer>, type: string): Promise<{ digest: string; body: Uploaded }> {
    const hash = createHash('sha256');
    let lines = 0;
    async function* observed() {
      for await (const bytes of stream) {
        hash.update(bytes);
        for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines += 1;
        yield bytes;
      }
    }
    const fileId = newId();
    await files.write(fileId, observed(), MOST_BYTES);
    return { digest: hash.digest('base64url'), body: { file_id: fileId, format: formatOf[type] ?? 'jsonl', lines } };
  }

  /** A file that nothing will read is not kept. */
  async function orderOrForget(actor: Actor, input: ImportInput): Promise<Job> {
    try {
      return await orderImport(actor, input);
    } catch (error) {
      await files.remove(input.file_id);
      throw error;
    }
  }

  return [
    importFile.handledBy(
      async ({ query, body, actor }) => {
        const input = {
          ...body,
          type: query.type,
          memberships: query.memberships,
          dry_run: query.dry_run ?? false,
          create_groups: query.create_groups ?? false,
          rename_groups: query.rename_groups ?? false,
        };
        return { result: presentJob(await orderOrForget(actor, input)) };
      },
      { receive },
    ),
    applyDryRun.handledBy(async ({ params: { job_id: id }, actor }) => {
      const job = await readJob(actor, id);
      if (job.kind !== 'import' || !isCompleted(job.status) || !job.input['dry_run']) throw NotADryRun();
      // A cast, because an import's input was parsed by its own shape.
      const input = job.input as ImportInput;
      return { result: presentJob(await orderImport(actor, { ...input, dry_run: false })) };
    }),
    downloadExport.handledBy(async ({ params: { job_id: id }, actor }) => {
      const job = await readJob(actor, id);
      if (job.kind !== 'export' || !isCompleted(job.status)) throw NoFile();
      // A cast, because an export's input was parsed by its own shape.
      const input = job.input as ExportInput;
      requireScopes(actor, scopesToDownload(input, job.checkpoint));
      if ((await files.size(id)) === undefined) throw NoFile();
      const fileName = `${input.type}.${input.format}`;
      return { type: typeOf[input.format], fileName, content: files.openFrom(id, 0) };
    }),
  ];
}
