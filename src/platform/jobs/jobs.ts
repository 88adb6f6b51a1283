import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Id, NewId } from '../ids.ts';
import type { Page, PageRequest } from '../paging.ts';
import type { Transact } from '../transaction.ts';
import type { JobType, JobFailure } from './job-type.ts';
import { createJobRights } from './job-rights.ts';
import { JobNotFound, JobFinished, type Job, type JobCriteria, type JobStore } from './job.ts';

/** Where jobs are recorded. */
export interface JobAudit {
  record(
    actor: Actor,
    action: 'job.started' | 'job.cancelled',
    target: { kind: string; id: string; name: string },
  ): Promise<void>;
}

export interface JobsOptions {
  store: JobStore;
  jobTypes(): JobType[];
  audit: JobAudit;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

export type Jobs = ReturnType<typeof createJobs>;

/** Starts and cancels jobs. `createRunner` runs them. */
export function createJobs({ store, jobTypes, audit, transact, newId, now }: JobsOptions) {
  const { workOf, assertMayRun, assertMayRead, mayRead } = createJobRights(jobTypes);

  /** `input` is what the kind's shape parsed. @throws InsufficientScope, OutOfReach, and what the kind's `check` throws */
  async function order(actor: Actor, kind: string, input: Record<string, unknown>): Promise<Job> {
    assertMayRun(actor, { kind, input });
    const at = now();
    const id = newId();
    // A cast, because the kind's own shape parsed its input.
    await workOf(kind)?.check?.({ jobId: id, input, actor } as never);
    const job: Job = {
      id,
      kind,
      input,
      actor,
      status: 'queued',
      done: 0,
      outcomes: {},
      failures: 0,
      steps: 0,
      troubles: 0,
      dueAt: at,
      cancelRequested: false,
      createdAt: at,
    };
    await transact(async () => {
      await store.insert(job);
      await audit.record(actor, 'job.started', target(job));
    });
    return job;
  }

  /** @throws JobNotFound */
  async function get(id: Id): Promise<Job> {
    const job = await store.find(id);
    if (!job) throw JobNotFound();
    return job;
  }

  /** For those who may see what it is about. @throws JobNotFound, InsufficientScope, OutOfReach */
  async function read(actor: Actor, id: Id): Promise<Job> {
    const job = await get(id);
    assertMayRead(actor, job);
    return job;
  }

  /** A page of those that the actor may see; it may have fewer than fit. */
  async function search(actor: Actor, criteria: JobCriteria, page: PageRequest): Promise<Page<Job>> {
    const found = await store.search(criteria, page);
    return { ...found, items: found.items.filter((job) => mayRead(actor, job)) };
  }

  /** @throws JobNotFound, InsufficientScope, OutOfReach */
  async function failuresOf(actor: Actor, id: Id, page: PageRequest): Promise<Page<JobFailure>> {
    await read(actor, id);
    return store.failuresOf(id, page);
  }

  /**
   * The job stops after the current step; completed work is kept.
   * @throws JobNotFound, JobFinished, InsufficientScope, OutOfReach
   */
  async function cancel(actor: Actor, id: Id): Promise<Job> {
    return transact(async () => {
      const before = await get(id);
      assertMayRun(actor, before);
      const { status } = before;
      const job = await store.requestCancel(id);
      if (!job) throw JobFinished();
      if (status === 'queued') await store.end(id, { status: 'cancelled' }, now());
      await audit.record(actor, 'job.cancelled', target(job));
      return get(id);
    });
  }

  return { order, get, read, search, failuresOf, cancel };
}

function target({ id, kind }: Job) {
  return { kind: 'job', id, name: kind };
}
