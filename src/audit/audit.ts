import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { NewId } from '../base/ids.ts';
import { BadCursor, type Page, type PageRequest } from '../base/paging.ts';
import type { AuditCriteria, AuditEvent, AuditStore, Followed, Subject, Target } from './audit-event.ts';

/** More are told of in several events: one must stay small enough to be read. */
const SUBJECTS_OF_ONE = 250;

export type Audit = ReturnType<typeof createAudit>;

/** The memory of who did what. */
export function createAudit({ store, newId, now }: { store: AuditStore; newId: NewId; now: Clock }) {
  /** Written in the transaction of the change it tells of, so that neither is there without the other. */
  async function record(
    actor: Actor,
    action: string,
    target: Target,
    details: Record<string, unknown> = {},
    subjects: Subject[] = [],
  ): Promise<void> {
    const { kind, id, name, address } = actor;
    await store.append({
      id: newId(),
      at: now(),
      action,
      actor: { kind, id, name },
      target,
      subjects,
      details,
      ...(address ? { address } : {}),
    });
  }

  /** The same for any number of subjects, in as many events as they need. */
  async function recordMany(actor: Actor, action: string, target: Target, subjects: Subject[]): Promise<void> {
    for (let from = 0; from < subjects.length; from += SUBJECTS_OF_ONE) {
      await record(actor, action, target, {}, subjects.slice(from, from + SUBJECTS_OF_ONE));
    }
  }

  const search = (criteria: AuditCriteria, page: PageRequest): Promise<Page<AuditEvent>> =>
    store.search(criteria, page);

  /** Waits for events behind the cursor, or from now on without one. @throws BadCursor */
  async function follow(cursor: string | undefined, limits: { waitMs: number; limit: number }): Promise<Followed> {
    const followed = await store.follow(cursor, limits);
    if (followed !== 'unknown') return followed;
    const detail = 'is not a cursor of this stream, or is older than what the database remembers; begin without one';
    throw BadCursor({ faults: [{ parameter: 'cursor', detail }] });
  }

  return { record, recordMany, search, follow };
}
