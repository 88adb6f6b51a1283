import { cancelJob, getJob, listJobFailures, listJobs, startJob } from '../../platform/jobs/jobs.api.ts';
import { applyDryRun, downloadExport, importFile } from '../import-export/import-export.api.ts';
import type { PageReply } from '../../platform/http/form-page.ts';
import { COLUMNS, NEEDED_COLUMNS } from '../import-export/columns.ts';
import { isCompleted, JOB_STATUSES } from '../../platform/jobs/job.ts';
import { given, refusalOf, type Refusal } from './forms.ts';
import { consoleView, doneAt, refusedView, type ConsolePage, type ConsoleVisit } from './frame.pages.ts';

const HOME = '/console/jobs';
const TYPES = ['users', 'groups', 'roles', 'applications'] as const;
const FORMATS = ['csv', 'jsonl'] as const;
const IMPORT_FIELDS = ['type', 'format', 'memberships', 'create_groups', 'rename_groups', 'dry_run', 'rows'] as const;
/** For pasted files. Larger ones are imported through the API or the command line. */
const IMPORT_BYTES = 4 * 1024 * 1024;

/** Jobs: what was started, who started it, and the progress. */
export const jobPages: ConsolePage[] = [
  { path: HOME, scope: 'jobs:read', show: showJobs },
  {
    path: `${HOME}/export`,
    scope: 'jobs:write',
    asksAfresh: 'to-submit',
    show: async (visit) => exportView(visit, { type: 'users', format: 'csv' }),
    submit: orderExport,
  },
  {
    path: `${HOME}/import`,
    scope: 'jobs:write',
    bodyLimit: IMPORT_BYTES,
    show: async (visit) => importView(visit, { type: 'users', format: 'csv', memberships: 'add', dry_run: 'true' }),
    submit: orderImport,
  },
  { path: `${HOME}/:job_id`, scope: 'jobs:read', changes: 'jobs:write', show: showJob, submit: act },
  { path: `${HOME}/:job_id/file`, scope: 'jobs:read', show: downloadFile },
];

async function showJobs(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.query, ['status', 'cursor']);
  const { body: page } = await visit.call(listJobs, { query: { ...form, limit: '25' } });
  return consoleView(visit, 'jobs', 'jobs', { form, page, statuses: JOB_STATUSES, isFiltered: 'status' in form });
}

const paramsOf = ({ request }: ConsoleVisit) => ({ job_id: request.params['job_id'] ?? '' });

async function showJob(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  const form = given(visit.request.query, ['cursor']);
  const { body } = await visit.call(getJob, { params });
  const query = { ...form, limit: '50' };
  const { body: failures } = await visit.call(listJobFailures, { params, query });
  const isOver = !['queued', 'running'].includes(body.result.status);
  const hasFile = body.result.kind === 'export' && isCompleted(body.result.status);
  const canBeApplied = body.result.dry_run && isCompleted(body.result.status) && visit.can('jobs:write');
  const view = { job: body.result, form, page: failures, isOver, hasFile, canBeApplied };
  return consoleView(visit, 'jobs', 'job', view);
}

async function act(visit: ConsoleVisit): Promise<PageReply> {
  return visit.request.fields['step'] === 'apply' ? apply(visit) : cancel(visit);
}

/** What was tried is done for real, as a job of its own. */
async function apply(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  try {
    const { body: job } = await visit.call(applyDryRun, { params });
    return { redirect: `${HOME}/${job.result.job_id}` };
  } catch (error) {
    const { code } = refusalOf(error);
    return doneAt(`${HOME}/${params.job_id}`, code === 'unknown_file' ? 'file_gone' : 'gone');
  }
}

async function cancel(visit: ConsoleVisit): Promise<PageReply> {
  const params = paramsOf(visit);
  try {
    await visit.call(cancelJob, { params });
    return doneAt(`${HOME}/${params.job_id}`, 'job_cancelled');
  } catch (error) {
    return doneAt(`${HOME}/${params.job_id}`, refusalOf(error).code === 'job_finished' ? 'job_finished' : 'other');
  }
}

async function downloadFile(visit: ConsoleVisit): Promise<PageReply> {
  const { body } = await visit.call(downloadExport, { params: paramsOf(visit) });
  return { download: body };
}

async function orderExport(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.fields, ['type', 'format', 'with_secrets']);
  const { type, format, with_secrets: withSecrets } = form;
  try {
    const body = { kind: 'export', type, format, with_secrets: Boolean(withSecrets) };
    const { body: job } = await visit.call(startJob, { body });
    return { redirect: `${HOME}/${job.result.job_id}` };
  } catch (error) {
    return exportView(visit, form, refusalOf(error));
  }
}

function exportView(visit: ConsoleVisit, form: Record<string, string>, refusal?: Refusal): PageReply {
  const view = consoleView(visit, 'jobs', 'job-export', { form, types: TYPES, formats: FORMATS });
  return refusal ? refusedView(view, refusal) : view;
}

async function orderImport(visit: ConsoleVisit): Promise<PageReply> {
  const form = given(visit.request.fields, IMPORT_FIELDS);
  const { rows = '', format, ...query } = form;
  if (!rows) return importView(visit, form, { code: 'no_rows', detail: '', faults: { rows: '' }, status: 400 });
  try {
    const upload = { content: rows, type: format === 'jsonl' ? 'application/x-ndjson' : 'text/csv' };
    const { body: job } = await visit.call(importFile, { query, upload });
    return { redirect: `${HOME}/${job.result.job_id}` };
  } catch (error) {
    return importView(visit, form, refusalOf(error));
  }
}

function importView(visit: ConsoleVisit, form: Record<string, string>, refusal?: Refusal): PageReply {
  const columns = Object.fromEntries(TYPES.map((type) => [type, Object.keys(COLUMNS[type])]));
  const model = { form, types: TYPES, formats: FORMATS, columns, needed: NEEDED_COLUMNS };
  const view = consoleView(visit, 'jobs', 'job-import', model);
  return refusal ? refusedView(view, refusal) : view;
}
