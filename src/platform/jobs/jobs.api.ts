import { z } from 'zod';
import { InsufficientScope } from '../actor.ts';
import { idShape } from '../ids.ts';
import { BadCursor, toPageRequest } from '../paging.ts';
import { endpoint, pageOf, pageQuery, presentPage, resultOf, type Endpoint } from '../http/endpoint.ts';
import type { JobType } from './job-type.ts';
import { failureReply, JOB_STATUSES, JobNotFound, JobOver, jobReply, presentJob } from './job.ts';
import type { Jobs } from './jobs.ts';

const params = z.strictObject({ job_id: idShape });
const tag = 'Jobs';

/** Ordering names thousands of people at most; everything else is found by a search. */
const ORDER_BYTES = 512 * 1024;

export function jobEndpoints({ jobs, kinds }: { jobs: Jobs; kinds: JobType[] }): Endpoint[] {
  const orderable = kinds.filter(({ hasOwnEndpoint }) => !hasOwnEndpoint);
  return [
    endpoint({
      method: 'post',
      path: '/v1/jobs',
      summary: 'Order long work',
      description: describe(orderable),
      tag,
      scope: 'jobs:write',
      body: shapeOf(orderable),
      bodyLimit: ORDER_BYTES,
      status: 202,
      reply: resultOf(jobReply),
      location: ({ result }) => `/v1/jobs/${result.job_id}`,
      errors: [...new Set([InsufficientScope, ...orderable.flatMap(({ errors }) => errors)])],
      async handle({ body, actor }) {
        const { kind, ...input } = body;
        return { result: presentJob(await jobs.order(actor, kind, input)) };
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/jobs',
      summary: 'List jobs',
      description:
        'Newest first. Jobs are forgotten 30 days after they ended. Those are left out that you may not see; so a page may have fewer items than `limit` and still a `next`.',
      tag,
      scope: 'jobs:read',
      query: z.strictObject({
        ...pageQuery,
        status: z.enum(JOB_STATUSES).optional(),
        kind: z.string().min(1).max(50).optional(),
      }),
      status: 200,
      reply: pageOf(jobReply),
      errors: [BadCursor],
      async handle({ query, actor }) {
        return presentPage(await jobs.search(actor, query, toPageRequest('jobs', query)), presentJob);
      },
    }),
    endpoint({
      method: 'get',
      path: '/v1/jobs/{job_id}',
      summary: 'Get a job',
      description:
        'How far it is: `done` of `total` items, what became of them, and how many could not be done. Needs the scopes that ordering it needed too, or those that read what it changes.',
      tag,
      scope: 'jobs:read',
      params,
      status: 200,
      reply: resultOf(jobReply),
      errors: [JobNotFound, InsufficientScope],
      handle: async ({ params: { job_id: id }, actor }) => ({ result: presentJob(await jobs.read(actor, id)) }),
    }),
    endpoint({
      method: 'get',
      path: '/v1/jobs/{job_id}/failures',
      summary: 'List what a job could not do',
      description:
        'Each item with the reason, in the order of the work. Needs the scopes that `GET /v1/jobs/{job_id}` needs.',
      tag,
      scope: 'jobs:read',
      params,
      query: z.strictObject(pageQuery),
      status: 200,
      reply: pageOf(failureReply),
      errors: [JobNotFound, BadCursor, InsufficientScope],
      async handle({ params: { job_id: id }, query, actor }) {
        const page = toPageRequest(`jobs:${id}`, query);
        return presentPage(await jobs.failuresOf(actor, id, page), (failure) => failure);
      },
    }),
    endpoint({
      method: 'post',
      path: '/v1/jobs/{job_id}/cancel',
      summary: 'Cancel a job',
      description:
        'It stops after the step that is under way. What is done stays done. Needs the scopes that ordering it needed too.',
      tag,
      scope: 'jobs:write',
      params,
      status: 200,
      reply: resultOf(jobReply),
      errors: [JobNotFound, JobOver, InsufficientScope],
      handle: async ({ params: { job_id: id }, actor }) => ({ result: presentJob(await jobs.cancel(actor, id)) }),
    }),
  ];
}

/** One shape for each kind, told apart by `kind`. */
function shapeOf(kinds: JobType[]): z.ZodType<{ kind: string }> {
  const shapes = kinds.map(({ kind, summary, input }) =>
    input.extend({ kind: z.literal(kind) }).meta({ title: kind, description: summary }),
  );
  const [first, ...others] = shapes;
  if (!first) throw new Error('There is no kind of work that could be ordered.');
  // A cast, because every member has its kind.
  return z.discriminatedUnion('kind', [first, ...others]) as unknown as z.ZodType<{ kind: string }>;
}

function describe(kinds: JobType[]): string {
  const lines = kinds.map(({ kind, summary, scopes }) => {
    const needed = scopes.length > 0 ? ` Needs \`${scopes.join('` `')}\` too.` : '';
    return `\`${kind}\`: ${summary}${needed}`;
  });
  return [
    'Answers at once with the address of the job, which tells how far it is. Nothing is done twice, also when a node dies.',
    ...lines,
  ].join('\n\n');
}
