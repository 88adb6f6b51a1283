import { z } from 'zod';
import { unlimited, type Authorization } from '../http/authorization.ts';
import { InsufficientScope } from '../actor.ts';
import { idShape } from '../ids.ts';
import { BadCursor, toPageRequest } from '../paging.ts';
import { endpoint, pageOf, pageQuery, presentPage, resultOf, type Endpoint } from '../http/endpoint.ts';
import type { JobType } from './job-type.ts';
import { failureReply, JOB_STATUSES, JobNotFound, JobFinished, jobReply, presentJob } from './job.ts';
import type { Jobs } from './jobs.ts';

const params = z.strictObject({ job_id: idShape });
const tag = 'Jobs';

/** A request names thousands of users at most; more are selected by a search. */
const ORDER_BYTES = 512 * 1024;

const toRun: Authorization = { ...unlimited, alsoRequires: 'The scopes for what the job changes or reads.' };
const toRead: Authorization = { ...unlimited, alsoRequires: 'The scopes for writing or reading what the job changes.' };

/** Which fields an order has besides `kind` depends on the job types, which the modules bring. */
export const startJob = endpoint({
  method: 'post',
  path: '/v1/jobs',
  summary: 'Start a job',
  tag,
  scope: 'jobs:write',
  authorize: toRun,
  body: z.looseObject({ kind: z.string() }),
  bodyLimit: ORDER_BYTES,
  status: 202,
  reply: resultOf(jobReply),
  location: ({ result }) => `/v1/jobs/${result.job_id}`,
  errors: [InsufficientScope],
});

export const listJobs = endpoint({
  method: 'get',
  path: '/v1/jobs',
  summary: 'List jobs',
  description:
    'Newest first. Jobs are deleted 30 days after they end. Jobs that you may not see are left out. Keep paging until `next` is null; a page may be short or empty.',
  tag,
  scope: 'jobs:read',
  authorize: unlimited,
  query: z.strictObject({
    ...pageQuery,
    status: z.enum(JOB_STATUSES).optional(),
    kind: z.string().min(1).max(50).optional(),
  }),
  status: 200,
  reply: pageOf(jobReply),
  errors: [BadCursor],
});

export const getJob = endpoint({
  method: 'get',
  path: '/v1/jobs/{job_id}',
  summary: 'Get a job',
  description:
    'Returns its progress (`done` of `total` items), the outcomes, and the number of failures. Also requires the scopes that starting it required, or those for reading what it changes.',
  tag,
  scope: 'jobs:read',
  authorize: toRead,
  params,
  status: 200,
  reply: resultOf(jobReply),
  errors: [JobNotFound, InsufficientScope],
});

export const listJobFailures = endpoint({
  method: 'get',
  path: '/v1/jobs/{job_id}/failures',
  summary: 'List the failures of a job',
  description:
    'Returns each failed item and the reason, in the order of processing. Requires the same scopes as `GET /v1/jobs/{job_id}`.',
  tag,
  scope: 'jobs:read',
  authorize: toRead,
  params,
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(failureReply),
  errors: [JobNotFound, BadCursor, InsufficientScope],
});

export const cancelJob = endpoint({
  method: 'post',
  path: '/v1/jobs/{job_id}/cancel',
  summary: 'Cancel a job',
  description:
    'The job stops after the current step; completed work is kept. Also requires the scopes that starting it required.',
  tag,
  scope: 'jobs:write',
  authorize: toRun,
  params,
  status: 200,
  reply: resultOf(jobReply),
  errors: [JobNotFound, JobFinished, InsufficientScope],
});

export function jobEndpoints({ jobs, jobTypes }: { jobs: Jobs; jobTypes: JobType[] }): Endpoint[] {
  const orderable = jobTypes.filter(({ hasOwnEndpoint }) => !hasOwnEndpoint);
  return [
    startJobOf(orderable).handledBy(async ({ body: { kind, ...input }, actor }) => ({
      result: presentJob(await jobs.order(actor, kind, input)),
    })),
    listJobs.handledBy(async ({ query, actor }) => {
      return presentPage(await jobs.search(actor, query, toPageRequest('jobs', query)), presentJob);
    }),
    getJob.handledBy(async ({ params: { job_id: id }, actor }) => ({ result: presentJob(await jobs.read(actor, id)) })),
    listJobFailures.handledBy(async ({ params: { job_id: id }, query, actor }) => {
      const page = toPageRequest(`jobs:${id}`, query);
      return presentPage(await jobs.failuresOf(actor, id, page), (failure) => failure);
    }),
    cancelJob.handledBy(async ({ params: { job_id: id }, actor }) => ({
      result: presentJob(await jobs.cancel(actor, id)),
    })),
  ];
}

function startJobOf(orderable: JobType[]) {
  return endpoint({
    ...startJob,
    description: describe(orderable),
    body: shapeOf(orderable),
    errors: [...new Set([...startJob.errors, ...orderable.flatMap(({ errors }) => errors)])],
  });
}

/** One shape for each kind, told apart by `kind`. */
function shapeOf(kinds: JobType[]): z.ZodType<{ kind: string }> {
  const shapes = kinds.map(({ kind, summary, input }) =>
    input.extend({ kind: z.literal(kind) }).meta({ title: kind, description: summary }),
  );
  const [first, ...others] = shapes;
  if (!first) throw new Error('There are no job types.');
  // A cast, because every member has its kind.
  return z.discriminatedUnion('kind', [first, ...others]) as unknown as z.ZodType<{ kind: string }>;
}

function describe(kinds: JobType[]): string {
  const lines = kinds.map(({ kind, summary, scopes }) => {
    const needed = scopes.length > 0 ? ` Needs \`${scopes.join('` `')}\` too.` : '';
    return `\`${kind}\`: ${summary}${needed}`;
  });
  return [
    'Responds immediately with the URL of the job, which reports its progress. Each item is processed exactly once, even if a node fails.',
    ...lines,
  ].join('\n\n');
}
