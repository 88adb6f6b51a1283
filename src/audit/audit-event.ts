import { z } from 'zod';
import type { Actor } from '../base/actor.ts';
import { unixSeconds } from '../base/clock.ts';
import { idShape, type Id } from '../base/ids.ts';
import type { Page, PageRequest } from '../base/paging.ts';

/** What something was done to. */
export interface Target {
  kind: string;
  id: string;
  name: string;
}

/** Who did what to what, when and from where. Never holds a password, token, code, link or secret. */
export interface AuditEvent {
  id: Id;
  at: Date;
  action: string;
  actor: Pick<Actor, 'kind' | 'id' | 'name'>;
  target: Target;
  details: Record<string, unknown>;
  address?: string;
}

export interface AuditFilter {
  action?: string | undefined;
  actorId?: string | undefined;
  targetId?: string | undefined;
}

/** Appends and reads; nothing changes or removes an entry. */
export interface AuditStore {
  append(event: AuditEvent): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>>;
}

const party = z.strictObject({ kind: z.string(), id: z.string(), name: z.string() });

export const auditEventReply = z
  .strictObject({
    event_id: idShape,
    at: z.number().int(),
    action: z.string().meta({ example: 'group.created' }),
    actor: party,
    target: party,
    details: z.record(z.string(), z.unknown()),
    address: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });

export function presentAuditEvent(event: AuditEvent): z.input<typeof auditEventReply> {
  const { id, at, action, actor, target, details, address } = event;
  return { event_id: id, at: unixSeconds(at), action, actor, target, details, address: address ?? null };
}
