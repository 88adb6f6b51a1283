import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { CohortError } from '../errors.ts';
import type { Id } from '../ids.ts';
import type { Transact } from '../transaction.ts';
import type { Log } from '../http/log.ts';
import { underLease, type Leases } from '../leases/leases.ts';
import type { JobType, JobOrder, JobStep } from './job-type.ts';
import { createJobRights } from './job-rights.ts';
import type { Job, JobEnd, JobStore } from './job.ts';

const LEASE_MS = 15_000;

/** How many jobs a node does at a time, so that a small one need not wait for the end of a large one. */
const AT_ONCE = 2;

/** How many open jobs are looked at for one that nobody holds. */
const LOOK_AT = 20;

/** After so much trouble in a row a job is given up. */
const MOST_TROUBLES = 8;

export interface RunnerOptions {
  store: JobStore;
  jobTypes(): JobType[];
  leases: Leases;
  /** This node, as the others see it. */
  holder: string;
  /** The actor with the rights of now. @throws ActorGone */
  presentActor(actor: Actor): Promise<Actor>;
  transact: Transact;
  now: Clock;
  log: Log;
}

/** The step was done by someone else in the meantime, so its transaction is undone. */
class Overtaken extends Error {}

/**
 * Carries out jobs, on every node. A job is held by one node at a time under a lease; but what keeps a step from being
 * done twice is that it counts only as the next one, in the transaction of its own writes. So a node that was believed
 * dead and comes back does no harm.
 */
export function createRunner(options: RunnerOptions) {
  const { store, jobTypes, leases, holder, presentActor, transact, now, log } = options;
  const { workOf, assertMayRun } = createJobRights(jobTypes);
  const later = (ms: number) => new Date(now().getTime() + ms);
  /** A lease is this node's, so it would not keep this node's other hands off. */
  const running = new Set<string>();

  /** Runs every job that nobody holds, a few at a time, until none is left or `stopping` is aborted. */
  async function drain(stopping: AbortSignal = new AbortController().signal): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => drainOneByOne(stopping)));
  }

  async function drainOneByOne(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted && (await runNext(stopping)));
  }

  /** False when no job is both open and free. */
  async function runNext(stopping: AbortSignal): Promise<boolean> {
    for (const { id } of await store.runnable(now(), LOOK_AT)) {
      if (running.has(id)) continue;
      running.add(id);
      const lease = { name: `job:${id}`, holder, forMs: LEASE_MS, stopping, log };
      const hasRun = await underLease(leases, lease, (signal) => runJob(id, signal)).finally(() => running.delete(id));
      if (hasRun) return true;
    }
    return false;
  }

  /** False when it came to its end between the look and the lease. */
  async function runJob(id: Id, signal: AbortSignal): Promise<boolean> {
    let job = await store.find(id);
    const isFound = job !== undefined && isOpen(job);
    while (job && isOpen(job) && !signal.aborted) {
      const isGoing = job.cancelRequested ? await cancel(job) : await tryStep(job);
      if (!isGoing) break;
      job = await store.find(id);
    }
    return isFound;
  }

  async function cancel(job: Job): Promise<false> {
    await store.end(job.id, { status: 'cancelled' }, now());
    return false;
  }

  /** False when the job is over or put off. */
  async function tryStep(job: Job): Promise<boolean> {
    try {
      return await runStep(job);
    } catch (error) {
      if (!(error instanceof Overtaken)) await giveUpOrPutOff(job, error);
      return false;
    }
  }

  /** Does the next step with the rights that the actor has then: without one of them nothing more is done. */
  async function runStep(job: Job): Promise<boolean> {
    const work = workOf(job.kind);
    if (!work) throw new Error(`No module provides the job type ${job.kind}.`);
    return transact(async () => {
      const actor = { ...(await presentActor(job.actor)), jobId: job.id };
      assertMayRun(actor, job);
      // A cast, because the kind's own shape parsed the input when the job was ordered.
      const order = { jobId: job.id, input: job.input, actor } as JobOrder<never>;
      const step = await work.step(order, job.checkpoint ?? undefined);
      if ((await store.keep(job, step, now())) === 'overtaken') throw new Overtaken();
      if (step.failures.length > 0) await store.addFailures(job, step.failures);
      if (step.isLast) await store.end(job.id, endOf(job, step), now());
      return !step.isLast;
    });
  }

  /** What the order itself is at fault for will not mend; anything else may: the database away, a defect. */
  async function giveUpOrPutOff(job: Job, error: unknown): Promise<void> {
    if (error instanceof CohortError && error.kind !== 'unavailable') {
      return store.end(job.id, { status: 'failed', error: { code: error.code, detail: error.message } }, now());
    }
    log.error({ err: error, job: job.id, kind: job.kind }, 'job step failed');
    if (job.troubles + 1 < MOST_TROUBLES) return store.postpone(job.id, later(2 ** job.troubles * 1000));
    const detail = 'Repeated internal error. The log contains the cause.';
    return store.end(job.id, { status: 'failed', error: { code: 'internal', detail } }, now());
  }

  return { drain };
}

function endOf({ failures: before }: Job, { error, failures }: JobStep): JobEnd {
  if (error) return { status: 'failed', error };
  return { status: before + failures.length > 0 ? 'completed_with_failures' : 'succeeded' };
}

function isOpen({ status }: Job): boolean {
  return status === 'queued' || status === 'running';
}
