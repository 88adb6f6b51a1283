import { Schema, trusted, type Connection } from 'mongoose';
import type { Actor } from '../actor.ts';
import { timeKey } from '../sort-keys.ts';
import { modelOf } from '../db/model.mongo.ts';
import { readPage, type Filter, type Scan } from '../db/search.mongo.ts';
import type { JobFailure } from './job-type.ts';
import type { Job, JobCriteria, JobStore } from './job.ts';

const KEPT_MS = 30 * 24 * 3600 * 1000;
const LONGEST_MS = 60 * 24 * 3600 * 1000;

/** Input and checkpoint are text: they belong to the kind of work, and their keys may be anything. */
type JobDocument = Omit<Job, 'id' | 'input' | 'checkpoint' | 'actor' | 'outcomes'> & {
  _id: string;
  key: string;
  input: string;
  checkpoint?: string;
  outcomes: string;
  actor: Pick<Actor, 'kind' | 'id' | 'name'> & { address?: string; scopes: string[] };
  /** Set when it is over: how long it can still be asked about. */
  expiresAt?: Date;
};

const actor = new Schema({ kind: String, id: String, name: String, address: String, scopes: [String] }, { _id: false });
const schema = new Schema<JobDocument>(
  {
    _id: String,
    key: String,
    kind: String,
    input: String,
    status: String,
    actor,
    total: Number,
    done: Number,
    outcomes: String,
    failures: Number,
    checkpoint: String,
    steps: Number,
    troubles: Number,
    dueAt: Date,
    cancelRequested: Boolean,
    error: new Schema({ code: String, detail: String }, { _id: false }),
    createdAt: Date,
    startedAt: Date,
    finishedAt: Date,
    expiresAt: Date,
  },
  { collection: 'jobs', versionKey: false },
);
schema.index({ key: 1 });
schema.index({ status: 1, key: 1 });
schema.index({ kind: 1, key: 1 });
schema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

type FailureDocument = JobFailure & { _id: string; jobId: string; key: string; expiresAt: Date };

const failureSchema = new Schema<FailureDocument>(
  { _id: String, jobId: String, key: String, item: String, code: String, detail: String, expiresAt: Date },
  { collection: 'job_failures', versionKey: false },
);
failureSchema.index({ jobId: 1, key: 1 });
failureSchema.index({ expiresAt: 1 }, { expireAfterSeconds: 0 });

const OPEN = ['queued', 'running'] as const;

export function createJobStore(connection: Connection): JobStore {
  const Jobs = modelOf(connection, 'Job', schema);
  const Failures = modelOf(connection, 'JobFailure', failureSchema);

  return {
    async insert(job) {
      await Jobs.create(toDocument(job));
    },

    async find(id) {
      const found = await Jobs.findOne({ _id: id }).lean();
      return found ? toJob(found) : undefined;
    },

    search: (criteria, page) => readPage(Jobs, { scans: [toScan(criteria)], descending: true }, page, toJob),

    async runnable(at, limit) {
      const filter = { status: trusted({ $in: OPEN }), dueAt: trusted({ $lte: at }) };
      const found = await Jobs.find(filter).sort({ key: 1 }).limit(limit).lean();
      return found.map(toJob);
    },

    async requestCancel(id) {
      const found = await Jobs.findOneAndUpdate(
        { _id: id, status: trusted({ $in: OPEN }) },
        { $set: { cancelRequested: true } },
        { returnDocument: 'after' },
      ).lean();
      return found ? toJob(found) : undefined;
    },

    async keep({ id, steps, outcomes, startedAt }, step, at) {
      const { matchedCount } = await Jobs.updateOne(
        { _id: id, steps, status: trusted({ $in: OPEN }) },
        {
          $set: {
            status: 'running',
            checkpoint: JSON.stringify(step.checkpoint ?? null),
            outcomes: JSON.stringify(sumOf(outcomes, step.outcomes)),
            startedAt: startedAt ?? at,
            troubles: 0,
            ...(step.total === undefined ? {} : { total: step.total }),
          },
          $inc: { steps: 1, done: step.done, failures: step.failures.length },
        },
      );
      return matchedCount === 1 ? 'kept' : 'overtaken';
    },

    async addFailures({ id, steps, createdAt }, failures) {
      const expiresAt = new Date(createdAt.getTime() + LONGEST_MS);
      const toKey = (index: number) => `${String(steps).padStart(9, '0')}:${String(index).padStart(6, '0')}`;
      const documents = failures.map((failure, index) => {
        const key = toKey(index);
        return { _id: `${id}:${key}`, jobId: id, key, ...failure, expiresAt };
      });
      await Failures.insertMany(documents, { ordered: false });
    },

    async failuresOf(id, page) {
      const scan: Scan = { index: { jobId: 1, key: 1 }, head: { jobId: id }, key: 'key', rest: [] };
      return readPage(Failures, { scans: [scan], descending: false }, page, ({ item, code, detail }) => ({
        item,
        code,
        detail,
      }));
    },

    async postpone(id, until) {
      await Jobs.updateOne({ _id: id }, { $set: { dueAt: until }, $inc: { troubles: 1 } });
    },

    async end(id, { status, error }, at) {
      const over = { status, finishedAt: at, expiresAt: new Date(at.getTime() + KEPT_MS), ...(error ? { error } : {}) };
      await Jobs.updateOne({ _id: id, status: trusted({ $in: OPEN }) }, { $set: over });
    },
  };
}

function toScan({ status, kind }: JobCriteria): Scan {
  const ofStatus: Filter = status ? { status } : {};
  if (kind) return { index: { kind: 1, key: 1 }, head: { kind }, key: 'key', rest: status ? [ofStatus] : [] };
  const index = status ? { status: 1 as const, key: 1 as const } : { key: 1 as const };
  return { index, head: ofStatus, key: 'key', rest: [] };
}

function sumOf(a: Record<string, number>, b: Record<string, number>): Record<string, number> {
  const sum = { ...a };
  for (const [outcome, count] of Object.entries(b)) sum[outcome] = (sum[outcome] ?? 0) + count;
  return sum;
}

function toDocument({ id, input, checkpoint, outcomes, actor, ...job }: Job): JobDocument {
  const { kind, id: actorId, name, address, scopes } = actor;
  return {
    _id: id,
    ...job,
    key: timeKey(job.createdAt, id),
    input: JSON.stringify(input),
    outcomes: JSON.stringify(outcomes),
    ...(checkpoint === undefined ? {} : { checkpoint: JSON.stringify(checkpoint) }),
    actor: { kind, id: actorId, name, scopes: [...scopes], ...(address ? { address } : {}) },
  };
}

function toJob({ _id, key: _key, expiresAt: _expires, input, checkpoint, outcomes, actor, ...job }: JobDocument): Job {
  return {
    id: _id,
    ...job,
    input: JSON.parse(input) as Job['input'],
    outcomes: JSON.parse(outcomes) as Job['outcomes'],
    ...(checkpoint === undefined ? {} : { checkpoint: JSON.parse(checkpoint) as unknown }),
    actor: { ...actor, scopes: new Set(actor.scopes) },
  };
}
