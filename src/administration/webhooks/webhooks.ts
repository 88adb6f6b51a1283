import type { Audit } from '../../directory/audit/audit.ts';
import type { Actor } from '../../platform/actor.ts';
import { changedFields } from '../../platform/changes.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Encryption } from '../../platform/encryption.ts';
import type { Id, NewId } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';
import type { Transact } from '../../platform/transaction.ts';
import type { Delivery, DeliveryCriteria, DeliveryStore } from './delivery.ts';
import { deliveryOf } from './follow-events.ts';
import { newWebhookSecret } from './signature.ts';
import {
  DeliveryNotFound,
  presentWebhook,
  TEST_EVENT,
  WebhookNotFound,
  type NewWebhook,
  type Webhook,
  type WebhookChange,
  type WebhookStore,
} from './webhook.ts';

export interface WebhooksOptions {
  store: WebhookStore;
  deliveries: DeliveryStore;
  encryption: Encryption;
  audit: Audit;
  transact: Transact;
  newId: NewId;
  now: Clock;
}

export interface WebhookWithSecret {
  webhook: Webhook;
  /** To be shown once. */
  secret: string;
}

export type Webhooks = ReturnType<typeof createWebhooks>;

/** Where events are sent to, and what has become of them. */
export function createWebhooks({ store, deliveries, encryption, audit, transact, newId, now }: WebhooksOptions) {
  const purposeOf = (id: Id) => `webhook:${id}`;

  /** @throws WebhookNotFound */
  async function get(id: Id): Promise<Webhook> {
    const webhook = await store.find(id);
    if (!webhook) throw WebhookNotFound();
    return webhook;
  }

  async function create(actor: Actor, { enabled, ...wanted }: NewWebhook): Promise<WebhookWithSecret> {
    const at = now();
    const id = newId();
    const secret = newWebhookSecret();
    const encrypted = encryption.encrypt(purposeOf(id), secret);
    const webhook = { id, ...wanted, isEnabled: enabled, secret: encrypted, createdAt: at, updatedAt: at };
    await transact(async () => {
      await store.insert(webhook);
      await audit.record(actor, 'webhook.created', target(webhook), { events: webhook.events });
    });
    return { webhook, secret };
  }

  /** @throws WebhookNotFound */
  async function update(actor: Actor, id: Id, change: WebhookChange): Promise<Webhook> {
    return transact(async () => {
      const before = await get(id);
      const fields = changedFields(change, presentWebhook(before));
      if (fields.length === 0) return before;
      const { url = before.url, events = before.events, description = before.description } = change;
      const isEnabled = change.enabled ?? before.isEnabled;
      const changed = { ...before, url, events, description, isEnabled, updatedAt: now() };
      await store.replace(changed);
      await audit.record(actor, 'webhook.updated', target(changed), { fields });
      return changed;
    });
  }

  /** Events are signed with both secrets for so many seconds. @throws WebhookNotFound */
  async function rotateSecret(actor: Actor, id: Id, previousValidSeconds: number): Promise<WebhookWithSecret> {
    const secret = newWebhookSecret();
    const webhook = await transact(async () => {
      const { secret: encrypted, previousSecret: _previous, ...before } = await get(id);
      const expiresAt = new Date(now().getTime() + previousValidSeconds * 1000);
      const changed = {
        ...before,
        secret: encryption.encrypt(purposeOf(id), secret),
        ...(previousValidSeconds > 0 ? { previousSecret: { encrypted, expiresAt } } : {}),
        updatedAt: now(),
      };
      await store.replace(changed);
      await audit.record(actor, 'webhook.secret_rotated', target(changed));
      return changed;
    });
    return { webhook, secret };
  }

  /** With its deliveries. @throws WebhookNotFound */
  async function remove(actor: Actor, id: Id): Promise<void> {
    await transact(async () => {
      const webhook = await get(id);
      await store.remove(id);
      await deliveries.removeOfWebhook(id);
      await audit.record(actor, 'webhook.deleted', target(webhook));
    });
  }

  /** Sends an event that means nothing. @throws WebhookNotFound */
  async function test(id: Id): Promise<Delivery> {
    const delivery = deliveryOf(await get(id), { key: newId(), type: TEST_EVENT, at: now(), data: {} });
    await deliveries.put([delivery]);
    return delivery;
  }

  /** @throws WebhookNotFound */
  async function deliveriesOf(criteria: DeliveryCriteria, page: PageRequest): Promise<Page<Delivery>> {
    await get(criteria.webhookId);
    return deliveries.search(criteria, page);
  }

  /** Sends it again, with its ID. @throws WebhookNotFound, DeliveryNotFound */
  async function replay(id: Id, deliveryId: string): Promise<Delivery> {
    await get(id);
    const delivery = await deliveries.replay(id, deliveryId, now());
    if (!delivery) throw DeliveryNotFound();
    return delivery;
  }

  /** Sends again what failed; how much that is. @throws WebhookNotFound */
  async function replayFailed(id: Id): Promise<number> {
    await get(id);
    return deliveries.replayFailed(id, now());
  }

  /** The newest first. */
  function secretsOf({ id, secret, previousSecret }: Webhook): string[] {
    const before = previousSecret && previousSecret.expiresAt > now() ? [previousSecret.encrypted] : [];
    return [secret, ...before].map((encrypted) => encryption.decrypt(purposeOf(id), encrypted));
  }

  return {
    get,
    list: store.list,
    create,
    update,
    rotateSecret,
    remove,
    test,
    deliveriesOf,
    replay,
    replayFailed,
    secretsOf,
  };
}

const target = ({ id, url }: Webhook) => ({ kind: 'webhook', id, name: new URL(url).host });
