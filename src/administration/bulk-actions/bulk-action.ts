import type { z } from 'zod';
import type { Id } from '../../platform/ids.ts';
import { decodeCursor } from '../../platform/paging.ts';
import type { ErrorDefinition } from '../../platform/errors.ts';
import {
  defineJobType,
  type JobType,
  type JobFailure,
  type JobOrder,
  type JobStep,
} from '../../platform/jobs/job-type.ts';
import { criteriaOf, selectionShape, type Selection, type SelectIds, type SelectionStore } from './selection.ts';

/** So many are found in one step. */
const SELECT_AT_ONCE = 5000;

/** What became of one of the selected. */
export interface BulkActionItem {
  id: Id;
  /** What the caller knows them by. */
  name?: string | undefined;
  outcome: string;
  /** Given when it could not be done. */
  failure?: string | undefined;
}

export interface BulkActionSpec<Input extends z.ZodObject> {
  kind: string;
  summary: string;
  input: Input;
  scopes: string[];
  errors?: ErrorDefinition[];
  check?(order: JobOrder<z.output<Input> & { select: Selection }>): Promise<void>;
  /** How many at once: all of them are one transaction. */
  atOnce: number;
  /** Does it to these; in the transaction of the step. */
  act(order: JobOrder<z.output<Input>>, ids: Id[]): Promise<BulkActionItem[]>;
}

type Checkpoint =
  | { phase: 'select'; cursor: string; portions: number; total: number }
  | { phase: 'act'; portion: number; offset: number; portions: number };

/**
 * A bulk action, in two phases: first its users are stored, then they are processed. So their number is known before
 * the first one is changed, and the changes cannot affect the selection.
 */
export function bulkActionJob<Input extends z.ZodObject>(
  spec: BulkActionSpec<Input>,
  { select, selections }: { select: SelectIds; selections: SelectionStore },
): JobType {
  type Order = JobOrder<z.output<Input> & { select: Selection }>;

  async function selectStep(
    { jobId, input }: Order,
    before: Extract<Checkpoint, { phase: 'select' }>,
  ): Promise<JobStep> {
    const list = `batch:${jobId}`;
    const criteria = criteriaOf(input.select);
    const position = before.cursor ? decodeCursor(list, before.cursor) : undefined;
    const page = criteria
      ? await select(criteria, { list, limit: SELECT_AT_ONCE, position })
      : { items: [...new Set(input.select.user_ids)], next: null };
    const total = before.total + page.items.length;
    const portions = before.portions + (page.items.length > 0 ? 1 : 0);
    if (page.items.length > 0) await selections.put(jobId, before.portions, page.items);
    const isAll = page.next === null;
    const checkpoint: Checkpoint = isAll
      ? { phase: 'act', portion: 0, offset: 0, portions }
      : { phase: 'select', cursor: page.next!, portions, total };
    return { checkpoint, ...(isAll ? { total } : {}), ...nothingDone, isLast: isAll && total === 0 };
  }

  async function actStep(
    order: Order,
    { portion, offset, portions }: Extract<Checkpoint, { phase: 'act' }>,
  ): Promise<JobStep> {
    const ids = await selections.get(order.jobId, portion);
    const turn = ids.slice(offset, offset + spec.atOnce);
    const items = await spec.act(order, turn);
    const isPortionDone = offset + turn.length >= ids.length;
    const checkpoint: Checkpoint = isPortionDone
      ? { phase: 'act', portion: portion + 1, offset: 0, portions }
      : { phase: 'act', portion, offset: offset + turn.length, portions };
    return {
      checkpoint,
      done: items.length,
      outcomes: countsOf(items),
      failures: items.flatMap(toFailure),
      isLast: isPortionDone && portion + 1 >= portions,
    };
  }

  return defineJobType<z.ZodObject, Checkpoint>({
    kind: spec.kind,
    summary: spec.summary,
    input: spec.input.extend({ select: selectionShape }),
    scopes: ['users:read', ...spec.scopes],
    errors: spec.errors ?? [],
    async check(order) {
      // Casts here and below, because the kind's input is the spec's with the selection beside it.
      criteriaOf((order as Order).input.select);
      await spec.check?.(order as Order);
    },
    step: (order, checkpoint = { phase: 'select', cursor: '', portions: 0, total: 0 }) =>
      checkpoint.phase === 'select' ? selectStep(order as Order, checkpoint) : actStep(order as Order, checkpoint),
  });
}

const nothingDone = { done: 0, outcomes: {}, failures: [] };

function countsOf(items: BulkActionItem[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { outcome } of items) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

function toFailure({ id, name, outcome, failure }: BulkActionItem): JobFailure[] {
  return failure === undefined ? [] : [{ item: name ?? id, code: outcome, detail: failure }];
}
