import { requireScopes, type Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { Id, NewId } from '../base/ids.ts';
import type { Page, PageRequest } from '../base/paging.ts';
import type { Transact } from '../base/transaction.ts';
import type { Audit } from '../audit/audit.ts';
import type { Work, WorkFailure } from '../room.ts';
import { JobNotFound, JobOver, type Job, type JobCriteria, type JobStore } from './job.ts';

export interface JobsOptions {
  store: JobStore;
  kinds: Work[];
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

export type Jobs = ReturnType<typeof createJobs>;

/** Orders for long work. `createRunner` carries them out. */
export function createJobs({ store, kinds, audit, transact, newId, now }: JobsOptions) {
  /** `input` is what the kind's shape parsed. @throws InsufficientScope, and what the kind's `check` throws */
  async function order(actor: Actor, kind: string, input: Record<string, unknown>): Promise<Job> {
    const work = kinds.find((each) => each.kind === kind);
    if (!work) throw new Error(`No room does work of the kind ${kind}.`);
    requireScopes(actor, work.scopes);
    const at = now();
    const id = newId();
    // A cast, because the kind's own shape parsed its input.
    await work.check?.({ jobId: id, input, actor } as never);
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
      await audit.record(actor, 'job.ordered', target(job));
    });
    return job;
  }

  /** @throws JobNotFound */
  async function get(id: Id): Promise<Job> {
    const job = await store.find(id);
    if (!job) throw JobNotFound();
    return job;
  }

  const search = (criteria: JobCriteria, page: PageRequest): Promise<Page<Job>> => store.search(criteria, page);

  /** @throws JobNotFound */
  async function failuresOf(id: Id, page: PageRequest): Promise<Page<WorkFailure>> {
    await get(id);
    return store.failuresOf(id, page);
  }

  /** It stops behind the step that is under way; what is done stays done. @throws JobNotFound, JobOver */
  async function cancel(actor: Actor, id: Id): Promise<Job> {
    return transact(async () => {
      const { status } = await get(id);
      const job = await store.requestCancel(id);
      if (!job) throw JobOver();
      if (status === 'queued') await store.end(id, { status: 'cancelled' }, now());
      await audit.record(actor, 'job.cancelled', target(job));
      return get(id);
    });
  }

  return { order, get, search, failuresOf, cancel };
}

function target({ id, kind }: Job) {
  return { kind: 'job', id, name: kind };
}
