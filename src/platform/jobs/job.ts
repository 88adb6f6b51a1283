import { z } from 'zod';
import type { Actor } from '../actor.ts';
import { unixSeconds } from '../clock.ts';
import { defineError } from '../errors.ts';
import { idShape, type Id } from '../ids.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { JobFailure, JobStep } from './job-type.ts';

export const JOB_STATUSES = [
  'queued',
  'running',
  'succeeded',
  'completed_with_failures',
  'failed',
  'cancelled',
] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** It came to its end, though items may have failed. */
export const isCompleted = (status: JobStatus): boolean =>
  status === 'succeeded' || status === 'completed_with_failures';

/** A job that a user or service started, and its progress. */
export interface Job {
  id: Id;
  kind: string;
  input: Record<string, unknown>;
  status: JobStatus;
  /** The actor who started it and in whose name it runs. */
  actor: Actor;
  /** How many items there are; unknown until the work has found out. */
  total?: number | undefined;
  done: number;
  /** What became of the items, by outcome. */
  outcomes: Record<string, number>;
  failures: number;
  /** Where the next step begins. */
  checkpoint?: unknown;
  /** How many steps count so far: two nodes that do the same step cannot both have it counted. */
  steps: number;
  /** How often in a row a step ended in trouble. */
  troubles: number;
  /** Not to be run before this time. */
  dueAt: Date;
  cancelRequested: boolean;
  /** Why it failed as a whole. */
  error?: { code: string; detail: string } | undefined;
  createdAt: Date;
  startedAt?: Date | undefined;
  finishedAt?: Date | undefined;
}

export const JobNotFound = defineError('missing', 'job_not_found', 'No job has this ID.');
export const JobFinished = defineError('conflict', 'job_finished', 'This job has finished and cannot be cancelled.');

export const jobReply = z
  .strictObject({
    job_id: idShape,
    kind: z.string(),
    status: z.enum(JOB_STATUSES).meta({
      description:
        '`succeeded` if everything was done, `completed_with_failures` if items failed, `failed` if the job as a whole did.',
    }),
    cancel_requested: z.boolean(),
    dry_run: z
      .boolean()
      .meta({ description: 'Nothing is written; the outcomes are those that a real run would have.' }),
    actor: z.strictObject({ kind: z.string(), id: z.string(), name: z.string() }),
    total: z.number().int().nullable().meta({ description: 'null until it is known.' }),
    done: z.number().int(),
    outcomes: z.record(z.string(), z.number().int()),
    failures: z.number().int(),
    error: z.strictObject({ code: z.string(), detail: z.string() }).nullable(),
    created_at: z.number().int(),
    started_at: z.number().int().nullable(),
    finished_at: z.number().int().nullable(),
  })
  .meta({ id: 'Job' });

const secondsOrNull = (time: Date | undefined) => (time ? unixSeconds(time) : null);

export function presentJob(job: Job): z.input<typeof jobReply> {
  const { kind, id, name } = job.actor;
  return {
    job_id: job.id,
    kind: job.kind,
    status: job.status,
    cancel_requested: job.cancelRequested,
    dry_run: job.input['dry_run'] === true,
    actor: { kind, id, name },
    total: job.total ?? null,
    done: job.done,
    outcomes: job.outcomes,
    failures: job.failures,
    error: job.error ?? null,
    created_at: unixSeconds(job.createdAt),
    started_at: secondsOrNull(job.startedAt),
    finished_at: secondsOrNull(job.finishedAt),
  };
}

export const failureReply = z
  .strictObject({
    item: z.string().meta({ description: 'The item: a username, or a line of a file.' }),
    code: z.string(),
    detail: z.string(),
  })
  .meta({ id: 'JobFailure' });

export interface JobCriteria {
  status?: JobStatus | undefined;
  kind?: string | undefined;
}

/** How a job ends. */
export interface JobEnd {
  status: Exclude<JobStatus, 'queued' | 'running'>;
  error?: { code: string; detail: string };
}

export interface JobStore {
  insert(job: Job): Promise<void>;
  find(id: Id): Promise<Job | undefined>;
  /** Newest first. */
  search(criteria: JobCriteria, page: PageRequest): Promise<Page<Job>>;
  /** Jobs that are not over and may be run now, the oldest first. */
  runnable(at: Date, limit: number): Promise<Job[]>;
  requestCancel(id: Id): Promise<Job | undefined>;
  /** In a step's transaction: counts the step, if it is still the one that comes next. */
  keep(job: Job, step: JobStep, at: Date): Promise<'kept' | 'overtaken'>;
  /** In the same transaction. */
  addFailures(job: Job, failures: JobFailure[]): Promise<void>;
  failuresOf(id: Id, page: PageRequest): Promise<Page<JobFailure>>;
  /** Puts it off after trouble. */
  postpone(id: Id, until: Date): Promise<void>;
  end(id: Id, end: JobEnd, at: Date): Promise<void>;
}
