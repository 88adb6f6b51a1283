import type { Actor } from '../../platform/actor.ts';
import type { Clock } from '../../platform/clock.ts';
import type { NewId } from '../../platform/ids.ts';
import { BadCursor, toPageRequest, type Page, type PageRequest } from '../../platform/paging.ts';
import type { AuditAction } from './audit-action.ts';
import type { AuditCriteria, AuditEvent, AuditStore, Followed, Subject, Target } from './audit-event.ts';

/** More are told of in several events: one must stay small enough to be read. */
const SUBJECTS_OF_ONE = 250;

/** The list of `since`. */
const SINCE = 'audit-events:since';
const EVENTS_OF_BLOCK = 200;
/** Clocks of nodes differ by less. */
const SKEW_MS = 60_000;

/** What an event tells besides who and when. */
export interface Deed {
  target: Target;
  details?: Record<string, unknown>;
  subjects?: Subject[];
}

export type Audit = ReturnType<typeof createAudit>;

/** The memory of who did what. */
export function createAudit({ store, newId, now }: { store: AuditStore; newId: NewId; now: Clock }) {
  function eventOf(actor: Actor, action: AuditAction, { target, details = {}, subjects = [] }: Deed): AuditEvent {
    const { kind, id, name, address } = actor;
    const who = { actor: { kind, id, name }, ...(address ? { address } : {}) };
    return { id: newId(), at: now(), action, target, subjects, details, ...who };
  }

  /** Written in the transaction of the change it tells of, so that neither is there without the other. */
  const record = (
    actor: Actor,
    action: AuditAction,
    target: Target,
    details: Record<string, unknown> = {},
    subjects: Subject[] = [],
  ): Promise<void> => store.append([eventOf(actor, action, { target, details, subjects })]);

  /** The same done to many things, an event each, in one write. */
  async function recordEach(actor: Actor, action: AuditAction, deeds: Deed[]): Promise<void> {
    if (deeds.length > 0) await store.append(deeds.map((deed) => eventOf(actor, action, deed)));
  }

  /** The same for any number of subjects, in as many events as they need. */
  async function recordMany(actor: Actor, action: AuditAction, target: Target, subjects: Subject[]): Promise<void> {
    const portions = Array.from({ length: Math.ceil(subjects.length / SUBJECTS_OF_ONE) }, (_, index) =>
      subjects.slice(index * SUBJECTS_OF_ONE, (index + 1) * SUBJECTS_OF_ONE),
    );
    await recordEach(
      actor,
      action,
      portions.map((portion) => ({ target, subjects: portion })),
    );
  }

  const search = (criteria: AuditCriteria, page: PageRequest): Promise<Page<AuditEvent>> =>
    store.search(criteria, page);

  /** Waits for events after the cursor, or from now on without one. @throws BadCursor */
  async function follow(cursor: string | undefined, limits: { waitMs: number; limit: number }): Promise<Followed> {
    const followed = await store.follow(cursor, limits);
    if (followed !== 'unknown') return followed;
    const detail = 'is not a cursor of this stream, or has expired; start without a cursor';
    throw BadCursor({ faults: [{ parameter: 'cursor', detail }] });
  }

  /**
   * What was recorded since a time of the database's clock, in blocks, the oldest first. Events have the times of nodes, whose
   * clocks may differ, so some may be from shortly before.
   */
  async function* since(time: Date, action?: AuditAction): AsyncIterable<AuditEvent[]> {
    const criteria = { action, after: new Date(time.getTime() - SKEW_MS), oldestFirst: true };
    let request: PageRequest | undefined = { list: SINCE, limit: EVENTS_OF_BLOCK };
    while (request) {
      const { items, next }: Page<AuditEvent> = await store.search(criteria, request);
      yield items;
      request = next === null ? undefined : toPageRequest(SINCE, { limit: EVENTS_OF_BLOCK, cursor: next });
    }
  }

  return { record, recordEach, recordMany, search, follow, since };
}
