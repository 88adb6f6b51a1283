import type { Actor } from '../base/actor.ts';
import type { Clock } from '../base/clock.ts';
import type { NewId } from '../base/ids.ts';
import type { Page, PageRequest } from '../base/paging.ts';
import type { AuditEvent, AuditFilter, AuditStore, Target } from './audit-event.ts';

export type Audit = ReturnType<typeof createAudit>;

/** The memory of who did what. */
export function createAudit({ store, newId, now }: { store: AuditStore; newId: NewId; now: Clock }) {
  /** Written in the transaction of the change it tells of, so that neither is there without the other. */
  async function record(
    actor: Actor,
    action: string,
    target: Target,
    details: Record<string, unknown> = {},
  ): Promise<void> {
    const { kind, id, name, address } = actor;
    await store.append({
      id: newId(),
      at: now(),
      action,
      actor: { kind, id, name },
      target,
      details,
      ...(address ? { address } : {}),
    });
  }

  const list = (filter: AuditFilter, page: PageRequest): Promise<Page<AuditEvent>> => store.list(filter, page);

  return { record, list };
}
