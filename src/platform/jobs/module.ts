/**
 * Owns jobs: what was started, who started it, the progress, and the execution.
 * Must not touch: what a job does; the modules contribute `jobTypes`.
 */
import type { BaseModule, BasePlatform } from '../module.ts';
import type { Actor } from '../actor.ts';
import { createLeases } from '../leases/leases.mongo.ts';
import type { JobStore } from './job.ts';
import { jobEndpoints } from './jobs.api.ts';
import { createJobStore } from './jobs.mongo.ts';
import { createJobs, type JobAudit, type Jobs } from './jobs.ts';
import { createRunner } from './runner.ts';

export interface JobsModuleOptions {
  audit: JobAudit;
  /** The actor with the rights of now. @throws ActorGone */
  presentActor(actor: Actor): Promise<Actor>;
}

export interface JobsService {
  jobs: Jobs;
  /** Carries out whatever is open and free. */
  drain(): Promise<void>;
}

export function createJobsModule(
  { connection, transact, newId, now, log, contributions }: BasePlatform,
  { audit, presentActor }: JobsModuleOptions,
): { service: JobsService; module: BaseModule } {
  const store = createJobStore(connection);
  const jobTypes = () => contributions.jobTypes;
  const jobs = createJobs({ store, jobTypes, audit, transact, newId, now });
  const runner = createRunner({
    store,
    jobTypes,
    leases: createLeases(connection),
    holder: newId(),
    presentActor,
    transact,
    now,
    log,
  });
  return {
    service: { jobs, drain: () => runner.drain() },
    module: {
      name: 'jobs',
      scopes: { 'jobs:read': 'Read jobs and their failures.', 'jobs:write': 'Start and cancel jobs.' },
      // The shape of an order is made of all job types, so it is made when all of them are known.
      get endpoints() {
        return jobEndpoints({ jobs, jobTypes: jobTypes() });
      },
      warnings: async () => [{ code: 'failed_jobs', count: await countRecentFailures(store, now()) }],
      tasks: [{ name: 'run-jobs', everySeconds: 1, onEveryNode: true, run: (stopping) => runner.drain(stopping) }],
    },
  };
}

const RECENT_MS = 7 * 24 * 3600 * 1000;

/** Of the last fifty that failed, those that did so within a week. */
async function countRecentFailures(store: JobStore, now: Date): Promise<number> {
  const since = now.getTime() - RECENT_MS;
  const { items } = await store.search({ status: 'failed' }, { list: '', limit: 50 });
  return items.filter(({ createdAt }) => createdAt.getTime() > since).length;
}
