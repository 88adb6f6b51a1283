import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import { CohortError } from '../errors.ts';
import type { Transact } from '../transaction.ts';
import type { Leases } from '../tasks/tasks.ts';
import type { Log } from '../http/log.ts';
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
  const leaseOf = (job: Job) => `job:${job.id}`;
  const later = (ms: number) => new Date(now().getTime() + ms);
  /** A lease is this node's, so it would not keep this node's other hands off. */
  const running = new Set<string>();

  /** Runs every job that nobody holds, a few at a time, until none is left or `stopping` is aborted. */
  async function drain(stopping: AbortSignal = new AbortController().signal): Promise<void> {
    await Promise.all(Array.from({ length: AT_ONCE }, () => drainOneByOne(stopping)));
  }

  async function drainOneByOne(stopping: AbortSignal): Promise<void> {
    while (!stopping.aborted) {
      const job = await take();
      if (!job) return;
      await hold(job, () => runJob(job, stopping)).finally(() => running.delete(job.id));
    }
  }

  async function take(): Promise<Job | undefined> {
    for (const job of await store.runnable(now(), LOOK_AT)) {
      if (running.has(job.id)) continue;
      running.add(job.id);
      const taken = await tryToTake(job);
      if (taken) return taken;
      running.delete(job.id);
    }
    return undefined;
  }

  async function tryToTake(job: Job): Promise<Job | undefined> {
    if (!(await leases.take(leaseOf(job), holder, now(), later(LEASE_MS)))) return undefined;
    // It may have come to its end between the look and the lease.
    const fresh = await store.find(job.id);
    if (fresh && isOpen(fresh)) return fresh;
    await leases.giveBack(leaseOf(job), holder);
    return undefined;
  }

  async function hold(job: Job, run: () => Promise<void>): Promise<void> {
    const renew = () => void leases.take(leaseOf(job), holder, now(), later(LEASE_MS)).catch(() => {});
    const heartbeat = setInterval(renew, LEASE_MS / 3);
    try {
      await run();
    } finally {
      clearInterval(heartbeat);
    }
    await leases.giveBack(leaseOf(job), holder);
  }

  async function runJob(first: Job, stopping: AbortSignal): Promise<void> {
    let job: Job | undefined = first;
    while (job && isOpen(job) && !stopping.aborted) {
      const isGoing = job.cancelRequested ? await cancel(job) : await tryStep(job);
      if (!isGoing) return;
      job = await store.find(job.id);
    }
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
      const actor = await presentActor(job.actor);
      assertMayRun(actor, job);
      // A cast, because the kind's own shape parsed the input when the job was ordered.
      const order = { jobId: job.id, input: job.input, actor } as JobOrder<never>;
      const step = await work.step(order, job.checkpoint ?? undefined);
      if ((await store.keep(job, step, now())) === 'overtaken') throw new Overtaken();
      if (step.failures.length > 0) await store.addFailures(job, step.failures);
      if (step.isLast) await store.end(job.id, endOf(step), now());
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

const endOf = ({ error }: JobStep): JobEnd => (error ? { status: 'failed', error } : { status: 'succeeded' });

function isOpen({ status }: Job): boolean {
  return status === 'queued' || status === 'running';
}
