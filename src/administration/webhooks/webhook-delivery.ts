import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { Id } from '../../platform/ids.ts';
import { createTurns } from '../../platform/turns.ts';
import type { Attempt, Delivery, DeliveryStore } from './delivery.ts';
import { signedHeaders } from './signature.ts';
import type { Webhook } from './webhook.ts';

/** Longer than an attempt can take, so that nobody else has it in the meantime. */
const LEASE_MS = 30_000;
/** Seconds after each attempt: about three days in all, as Standard Webhooks recommends. */
const RETRIES = [5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 14 * 3600, 20 * 3600, 24 * 3600];
const MOST_SHOWN = 300;

export type WebhookOutcome = 'sent' | 'deferred' | 'failed';

export interface WebhookDeliveryOptions {
  deliveries: DeliveryStore;
  findWebhook(id: Id): Promise<Webhook | undefined>;
  /** The secrets that events are signed with now. */
  secretsOf(webhook: Webhook): string[];
  fetch: typeof globalThis.fetch;
  now: Clock;
  log: Log;
  count(outcome: WebhookOutcome): void;
}

/** Sends events to webhooks until each is taken, or three days are over. */
export function createWebhookDelivery(options: WebhookDeliveryOptions) {
  const { deliveries, findWebhook, secretsOf, fetch, now, log, count } = options;
  const after = (ms: number) => new Date(now().getTime() + ms);

  async function deliver(delivery: Delivery): Promise<boolean> {
    const webhook = await findWebhook(delivery.webhookId);
    if (!webhook?.isEnabled) {
      await deliveries.finish(delivery, 'failed', { at: now(), error: 'The webhook is disabled.' });
      return true;
    }
    const attempt = await send(webhook, delivery);
    const isTaken = attempt.status !== undefined && attempt.status >= 200 && attempt.status < 300;
    if (isTaken) {
      await deliveries.finish(delivery, 'delivered', attempt);
      count('sent');
    } else await noteFailure(delivery, attempt);
    return isTaken;
  }

  async function send(webhook: Webhook, { id, body }: Delivery): Promise<Attempt> {
    const at = now();
    try {
      const headers = { 'content-type': 'application/json', ...signedHeaders({ id, body }, secretsOf(webhook), at) };
      const response = await fetch(webhook.url, { method: 'POST', headers, body });
      await response.body?.cancel();
      return { at, status: response.status };
    } catch (error) {
      return { at, error: reasonOf(error) };
    }
  }

  async function noteFailure(delivery: Delivery, attempt: Attempt): Promise<void> {
    const pause = RETRIES[delivery.attempt - 1];
    const { id, webhookId } = delivery;
    const about = { webhook_id: webhookId, delivery_id: id, attempt: delivery.attempt, ...attempt };
    if (pause === undefined) {
      await deliveries.finish(delivery, 'failed', attempt);
      log.warn(about, 'webhook delivery failed, giving up');
    } else {
      await deliveries.postpone(delivery, attempt, after(pause * 1000));
      log.warn(about, 'webhook delivery failed, will retry');
    }
    count(pause === undefined ? 'failed' : 'deferred');
  }

  const deliverDue = createTurns({
    receivers: deliveries.webhooksWithPending,
    claim: (webhookId) => deliveries.claim(webhookId, now(), after(LEASE_MS)),
    deliver,
  });

  return { deliverDue };
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return (cause instanceof Error ? `${message}: ${cause.message}` : message).slice(0, MOST_SHOWN);
}
