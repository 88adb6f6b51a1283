import { z } from 'zod';
import { requireScopes } from '../../platform/actor.ts';
import { unlimited, type Authorization } from '../../platform/http/authorization.ts';
import {
  endpoint,
  noContent,
  pageOf,
  pageQuery,
  presentPage,
  resultOf,
  type Endpoint,
} from '../../platform/http/endpoint.ts';
import { previousValid } from '../../platform/http/secret-rotation.ts';
import { idShape } from '../../platform/ids.ts';
import { BadCursor, toPageRequest } from '../../platform/paging.ts';
import { DELIVERY_STATUS, deliveryReply, presentDelivery } from './delivery.ts';
import {
  DeliveryNotFound,
  newWebhookShape,
  presentWebhook,
  webhookChangeShape,
  WebhookNotFound,
  webhookReply,
  webhookWithSecretReply,
} from './webhook.ts';
import type { Webhooks, WebhookWithSecret } from './webhooks.ts';

const params = z.strictObject({ webhook_id: idShape });
const deliveryParams = params.extend({
  delivery_id: z.string().regex(/^[\w-]{1,64}$/, 'must be the ID of a delivery'),
});
const tag = 'Webhooks';
const one = '/v1/webhooks/{webhook_id}';
const read = { tag, scope: 'webhooks:read', authorize: unlimited } as const;

/** A webhook is told everything that the audit log says. */
const toldEverything: Authorization = {
  withAdminScope: unlimited.withAdminScope,
  alsoRequires: '`audit:read`.',
  async assert(access, call) {
    await unlimited.assert(access, call);
    requireScopes(call.actor, ['audit:read']);
  },
};
const write = { tag, scope: 'webhooks:write', authorize: toldEverything } as const;

export const createWebhook = endpoint({
  ...write,
  method: 'post',
  path: '/v1/webhooks',
  summary: 'Create a webhook',
  description:
    'The response contains the secret, which is not shown again. Events are signed as Standard Webhooks 1.0.',
  body: newWebhookShape,
  status: 201,
  reply: resultOf(webhookWithSecretReply),
  location: ({ result }) => `/v1/webhooks/${result.webhook_id}`,
  errors: [],
});

export const listWebhooks = endpoint({
  ...read,
  method: 'get',
  path: '/v1/webhooks',
  summary: 'List the webhooks',
  description: 'Newest first.',
  query: z.strictObject(pageQuery),
  status: 200,
  reply: pageOf(webhookReply),
  errors: [BadCursor],
});

export const getWebhook = endpoint({
  ...read,
  method: 'get',
  path: one,
  summary: 'Get a webhook',
  params,
  status: 200,
  reply: resultOf(webhookReply),
  errors: [WebhookNotFound],
});

export const updateWebhook = endpoint({
  ...write,
  method: 'patch',
  path: one,
  summary: 'Update a webhook',
  description: 'A disabled webhook gets no events, also not those that happen in the meantime.',
  params,
  body: webhookChangeShape,
  status: 200,
  reply: resultOf(webhookReply),
  errors: [WebhookNotFound],
});

export const deleteWebhook = endpoint({
  ...write,
  method: 'delete',
  path: one,
  summary: 'Delete a webhook and its deliveries',
  params,
  status: 204,
  reply: noContent,
  errors: [WebhookNotFound],
});

export const rotateWebhookSecret = endpoint({
  ...write,
  method: 'post',
  path: `${one}/secret`,
  summary: 'Rotate the secret of a webhook',
  description:
    'The response contains the new secret, which is not shown again. For a while, events carry both signatures.',
  params,
  query: z.strictObject(
    previousValid({ byDefault: 86_400, description: 'Seconds for which events are signed with the old secret, too.' }),
  ),
  status: 200,
  reply: resultOf(webhookWithSecretReply),
  errors: [WebhookNotFound],
});

export const testWebhook = endpoint({
  ...write,
  method: 'post',
  path: `${one}/test`,
  summary: 'Send a test event to a webhook',
  description: 'Its type is `webhook.test`. The delivery shows what became of it.',
  params,
  status: 202,
  reply: resultOf(deliveryReply),
  errors: [WebhookNotFound],
});

export const listDeliveries = endpoint({
  ...read,
  method: 'get',
  path: `${one}/deliveries`,
  summary: 'List the deliveries of a webhook',
  description: 'Newest first. Deliveries are kept for 30 days.',
  params,
  query: z.strictObject({ status: z.enum(DELIVERY_STATUS).optional(), ...pageQuery }),
  status: 200,
  reply: pageOf(deliveryReply),
  errors: [WebhookNotFound, BadCursor],
});

export const replayDelivery = endpoint({
  ...write,
  method: 'post',
  path: `${one}/deliveries/{delivery_id}/replay`,
  summary: 'Send a delivery again',
  description: 'With the same `webhook-id`, so that a receiver that has it can tell.',
  params: deliveryParams,
  status: 202,
  reply: resultOf(deliveryReply),
  errors: [WebhookNotFound, DeliveryNotFound],
});

export const replayFailedDeliveries = endpoint({
  ...write,
  method: 'post',
  path: `${one}/replay`,
  summary: 'Send all failed deliveries of a webhook again',
  params,
  status: 202,
  reply: resultOf(z.strictObject({ deliveries: z.number().int() })),
  errors: [WebhookNotFound],
});

const withSecret = ({ webhook, secret }: WebhookWithSecret) => ({ result: { ...presentWebhook(webhook), secret } });

export function webhookEndpoints({ webhooks }: { webhooks: Webhooks }): Endpoint[] {
  return [
    createWebhook.handledBy(async ({ body, actor }) => withSecret(await webhooks.create(actor, body))),
    listWebhooks.handledBy(async ({ query }) =>
      presentPage(await webhooks.list(toPageRequest('webhooks', query)), presentWebhook),
    ),
    getWebhook.handledBy(async ({ params: { webhook_id: id } }) => ({
      result: presentWebhook(await webhooks.get(id)),
    })),
    updateWebhook.handledBy(async ({ params: { webhook_id: id }, body, actor }) => ({
      result: presentWebhook(await webhooks.update(actor, id, body)),
    })),
    deleteWebhook.handledBy(({ params: { webhook_id: id }, actor }) => webhooks.remove(actor, id)),
    rotateWebhookSecret.handledBy(async ({ params: { webhook_id: id }, query, actor }) =>
      withSecret(await webhooks.rotateSecret(actor, id, query.previous_valid_seconds)),
    ),
    testWebhook.handledBy(async ({ params: { webhook_id: id } }) => ({
      result: presentDelivery(await webhooks.test(id)),
    })),
    listDeliveries.handledBy(async ({ params: { webhook_id: webhookId }, query }) => {
      const { status } = query;
      const request = toPageRequest(`webhook-deliveries:${status ?? ''}`, query);
      return presentPage(await webhooks.deliveriesOf({ webhookId, status }, request), presentDelivery);
    }),
    replayDelivery.handledBy(async ({ params: { webhook_id: id, delivery_id: deliveryId } }) => ({
      result: presentDelivery(await webhooks.replay(id, deliveryId)),
    })),
    replayFailedDeliveries.handledBy(async ({ params: { webhook_id: id } }) => ({
      result: { deliveries: await webhooks.replayFailed(id) },
    })),
  ];
}
