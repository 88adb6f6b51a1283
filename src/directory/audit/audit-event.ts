import { canonicalIfEmail } from '../../../config/email-address.ts';
import { z } from 'zod';
import type { Actor } from '../../platform/actor.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { timeParameter, type TimeRange } from '../../platform/criteria.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';

/** What something was done to. */
export interface Target {
  kind: string;
  id: string;
  name: string;
}

/** Another target of an event, such as a user who was added to a group. */
export type Subject = Pick<Target, 'id' | 'name'>;

/** Actor, action, target, time and IP address. Never contains a password, token, code, link or secret. */
export interface AuditEvent {
  id: Id;
  at: Date;
  action: string;
  actor: Pick<Actor, 'kind' | 'id' | 'name'>;
  target: Target;
  subjects: Subject[];
  details: Record<string, unknown>;
  address?: string;
}

/** As it is stored: with what it is found and ordered by. */
export type StoredAuditEvent = Omit<AuditEvent, 'id'> & {
  _id: string;
  /** The order of events; no two share one. */
  key: string;
  /** Ids and names of the target and the subjects. */
  touched: string[];
};

export function toAuditEvent({ _id, key: _key, touched: _touched, ...event }: StoredAuditEvent): AuditEvent {
  return { id: _id, ...event, subjects: event.subjects ?? [], details: event.details ?? {} };
}

/** What events are searched by. Everything given must hold. */
export interface AuditCriteria extends TimeRange {
  action?: string | undefined;
  actorId?: string | undefined;
  actorName?: string | undefined;
  targetKind?: string | undefined;
  /** Of the target or of a subject. */
  targetId?: string | undefined;
  targetName?: string | undefined;
  address?: string | undefined;
  oldestFirst: boolean;
}

/** Events in the order in which they were committed, and where to go on. */
export interface Followed {
  events: AuditEvent[];
  cursor: string;
}

/** Appends and reads; nothing changes or removes an entry. */
export interface AuditStore {
  append(events: AuditEvent[]): Promise<void>;
  search(criteria: AuditCriteria, page: PageRequest): Promise<Page<AuditEvent>>;
  /**
   * Waits up to `waitMs` for events after the cursor, or from now on without one, at most `limit`. In the order of their
   * commits, so that none is missed which began early and was written late. 'unknown' for a cursor that is not one, or is
   * older than what the database remembers.
   */
  follow(cursor: string | undefined, limits: { waitMs: number; limit: number }): Promise<Followed | 'unknown'>;
}

const name = z.string().min(1).max(254).optional();
const time = timeParameter.optional();

/** The parameters by which events are searched. */
export const auditQuery = {
  action: name.meta({ example: 'group.created' }),
  actor_id: name.meta({ description: 'The actor: a client ID, a user ID, or `cohort`.' }),
  actor_name: name.meta({ description: 'The actor’s name at that time.' }),
  target_kind: name.meta({ example: 'group' }),
  target_id: name.meta({ description: 'The ID of a target, also if the event has several.' }),
  target_name: name.meta({ description: 'The target’s name at that time; for users, the username.' }),
  address: name.meta({ description: 'The IP address of the request.' }),
  after: time.meta({ description: 'At or after this time, in Unix seconds.' }),
  before: time.meta({ description: 'Before this time, in Unix seconds.' }),
  sort: z.enum(['-at', 'at']).default('-at').meta({ description: 'Newest first by default; `at` for oldest first.' }),
};

export function toAuditCriteria(query: z.output<z.ZodObject<typeof auditQuery>>): AuditCriteria {
  const { action, address, after, before } = query;
  return {
    action,
    actorId: query.actor_id,
    actorName: query.actor_name && canonicalIfEmail(query.actor_name),
    targetKind: query.target_kind,
    targetId: query.target_id,
    targetName: query.target_name && canonicalIfEmail(query.target_name),
    address,
    after,
    before,
    oldestFirst: query.sort === 'at',
  };
}

const party = z.strictObject({ kind: z.string(), id: z.string(), name: z.string() });

export const auditEventReply = z
  .strictObject({
    event_id: idShape,
    at: z.number().int(),
    action: z.string().meta({ example: 'group.created' }),
    actor: party,
    target: party,
    subjects: z
      .array(z.strictObject({ id: z.string(), name: z.string() }))
      .meta({ description: 'Other targets, such as the users who were added to a group.' }),
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });

export function presentAuditEvent(event: AuditEvent): z.input<typeof auditEventReply> {
  const { id, at, action, actor, target, subjects, details, address } = event;
  return { event_id: id, at: unixSeconds(at), action, actor, target, subjects, details, address: address ?? null };
}
