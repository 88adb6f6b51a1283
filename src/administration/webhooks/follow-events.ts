import {
  presentAuditEvent,
  toAuditEvent,
  type AuditEvent,
  type StoredAuditEvent,
} from '../../directory/audit/audit-event.ts';
import { followWhileWanted, type DurableFeed } from '../../platform/db/durable-feed.mongo.ts';
import { sha256 } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Delivery, DeliveryStore } from './delivery.ts';
import { wants, type Webhook } from './webhook.ts';

const WAIT_MS = 2000;
const MOST_EVENTS = 200;

export interface FollowEventsOptions {
  feed: DurableFeed;
  enabledWebhooks(): Promise<Webhook[]>;
  deliveries: Pick<DeliveryStore, 'put'>;
  /** In blocks, the oldest first. */
  auditEventsSince(since: Date): AsyncIterable<AuditEvent[]>;
  transact: Transact;
}

/** Turns entries of the audit log into deliveries, in the order of their commits, on one node at a time. */
export function createFollowEvents(options: FollowEventsOptions) {
  const { feed, enabledWebhooks, deliveries, auditEventsSince, transact } = options;

  /** False if there is no webhook. */
  async function followOnce(): Promise<boolean> {
    if ((await enabledWebhooks()).length === 0) return false;
    const { changes, position, gap } = await feed.next({ waitMs: WAIT_MS, limit: MOST_EVENTS });
    // Afterwards, or one that was created in the meantime would miss what happened in the meantime.
    const webhooks = await enabledWebhooks();
    if (gap) await makeUpFor(webhooks, gap.since);
    // A cast, because only entries of the audit log are followed.
    const events = changes.map(({ document }) => toAuditEvent(document as unknown as StoredAuditEvent));
    await transact(async () => {
      await deliveries.put(deliveriesOf(webhooks, events));
      await feed.keep(position);
    });
    return true;
  }

  /** From the creation of the first webhook on, if nothing was followed before. */
  async function makeUpFor(webhooks: Webhook[], since: Date | undefined): Promise<void> {
    const from = since?.getTime() ?? Math.min(...webhooks.map(({ createdAt }) => createdAt.getTime()));
    for await (const events of auditEventsSince(new Date(from)))
      await transact(() => deliveries.put(deliveriesOf(webhooks, events)));
  }

  return { follow: (stopping: AbortSignal) => followWhileWanted(feed, followOnce, stopping) };
}

function deliveriesOf(webhooks: Webhook[], events: AuditEvent[]): Delivery[] {
  return events.flatMap((event) =>
    webhooks
      .filter((webhook) => wants(webhook, event.action) && event.at >= webhook.createdAt)
      .map((webhook) =>
        deliveryOf(webhook, { key: event.id, type: event.action, at: event.at, data: presentAuditEvent(event) }),
      ),
  );
}

/** A payload as Standard Webhooks recommends it. The same event makes the same delivery. */
export function deliveryOf(
  { id: webhookId }: Pick<Webhook, 'id'>,
  { key, type, at, data }: { key: string; type: string; at: Date; data: object },
): Delivery {
  return {
    id: `msg_${sha256(`${webhookId} ${key}`).slice(0, 27)}`,
    webhookId,
    type,
    body: JSON.stringify({ type, timestamp: at.toISOString(), data }),
    status: 'pending',
    attempt: 0,
    createdAt: at,
    dueAt: at,
  };
}
