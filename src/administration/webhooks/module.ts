/**
 * Owns webhooks: where events are sent to, their signatures, and what has become of each delivery.
 * Must not touch: what happened. Events are the entries of the audit log, written with each change.
 */
import type { Module, Platform } from '../../directory/module.ts';
import type { Audit } from '../../directory/audit/audit.ts';
import { createDurableFeed } from '../../platform/db/durable-feed.mongo.ts';
import { createSsrfSafeFetch, mayCallPrivateNetworks } from '../../platform/ssrf-safe-fetch.ts';
import { createDeliveryStore } from './deliveries.mongo.ts';
import { createFollowEvents } from './follow-events.ts';
import { createWebhookDelivery } from './webhook-delivery.ts';
import { webhookEndpoints } from './webhooks.api.ts';
import { createWebhookStore } from './webhooks.mongo.ts';
import { createWebhooks } from './webhooks.ts';

/** Receivers may do their work before they answer. */
const TIMEOUT_MS = 10_000;
const DAY_MS = 24 * 3600 * 1000;

export function createWebhooksModule(
  { config, connection, encryption, transact, newId, now, log, metrics }: Platform,
  { audit }: { audit: Audit },
): { service: undefined; module: Module } {
  const store = createWebhookStore(connection);
  const deliveries = createDeliveryStore(connection);
  const webhooks = createWebhooks({ store, deliveries, encryption, audit, transact, newId, now });
  const delivery = createWebhookDelivery({
    deliveries,
    findWebhook: store.find,
    secretsOf: webhooks.secretsOf,
    fetch: createSsrfSafeFetch({ allowPrivate: mayCallPrivateNetworks(config), timeoutMs: TIMEOUT_MS }),
    now,
    log,
    count: (outcome) => metrics.webhooks.inc({ outcome }),
  });

  const { follow } = createFollowEvents({
    feed: createDurableFeed(connection, {
      name: 'webhooks',
      follow: [{ collection: 'audit_events', operations: ['insert'], withDocuments: true }],
    }),
    enabledWebhooks: store.enabled,
    deliveries,
    auditEventsSince: audit.since,
    transact,
  });

  return {
    service: undefined,
    module: {
      name: 'webhooks',
      scopes: {
        'webhooks:read': 'Read webhooks and their deliveries.',
        'webhooks:write': 'Create, change, test and delete webhooks, and send deliveries again.',
      },
      endpoints: webhookEndpoints({ webhooks }),
      tasks: [
        { name: 'follow-webhook-events', everySeconds: 1, run: follow },
        { name: 'deliver-webhooks', everySeconds: 1, onEveryNode: true, run: delivery.deliverDue },
      ],
      async warnings() {
        const count = await deliveries.countFailed(new Date(now().getTime() - DAY_MS));
        return count > 0 ? [{ code: 'webhook_deliveries_failed', count }] : [];
      },
    },
  };
}
