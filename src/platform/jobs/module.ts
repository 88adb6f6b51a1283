/**
 * Owns jobs: what was started, who started it, the progress, and the execution.
 * Must not touch: what a job does; the modules contribute job types in `work`.
 */
import type { Actor } from '../actor.ts';
import type { Clock } from '../clock.ts';
import type { Id, NewId } from '../ids.ts';
import type { Transact } from '../transaction.ts';
import type { Leases } from '../leases/leases.ts';
import type { Log } from '../http/log.ts';
import type { Module } from '../../module.ts';
import type { JobType } from './job-type.ts';
import type { JobStore } from './job.ts';
import { jobEndpoints } from './jobs.api.ts';
import { createJobs, type JobAudit, type Jobs } from './jobs.ts';
import { createRunner } from './runner.ts';

export interface JobsModuleOptions {
  store: JobStore;
  kinds: JobType[];
  leases: Leases;
  /** The actor with the rights of now. @throws ActorGone */
  presentActor(actor: Actor): Promise<Actor>;
  audit: JobAudit;
  transact: Transact;
  newId: NewId;
  now: Clock;
  log: Log;
}

export interface JobsModule {
  module: Module;
  jobs: Jobs;
  /** Carries out whatever is open and free. */
  drain(): Promise<void>;
}

export function jobsModule(options: JobsModuleOptions): JobsModule {
  const jobs = createJobs(options);
  const holder: Id = options.newId();
  const runner = createRunner({ ...options, holder });
  const module: Module = {
    name: 'jobs',
    scopes: { 'jobs:read': 'Read jobs and their failures.', 'jobs:write': 'Start and cancel jobs.' },
    endpoints: jobEndpoints({ jobs, kinds: options.kinds }),
    problems: async () => [{ code: 'failed_jobs', count: await failedLately(options) }],
    tasks: [{ name: 'run-jobs', everySeconds: 1, onEveryNode: true, run: (stopping) => runner.drain(stopping) }],
  };
  return { module, jobs, drain: () => runner.drain() };
}

const LATELY_MS = 7 * 24 * 3600 * 1000;

/** Of the last fifty that failed, those that did so lately. */
async function failedLately({ store, now }: JobsModuleOptions): Promise<number> {
  const since = now().getTime() - LATELY_MS;
  const { items } = await store.search({ status: 'failed' }, { list: '', limit: 50 });
  return items.filter(({ createdAt }) => createdAt.getTime() > since).length;
}
