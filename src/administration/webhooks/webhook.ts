import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../directory/audit/audit-action.ts';
import { unixSeconds } from '../../platform/clock.ts';
import { defineError } from '../../platform/errors.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import { descriptionShape } from '../../platform/names.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';

/** An address that is told what happens (Standard Webhooks 1.0). */
export interface Webhook {
  id: Id;
  url: string;
  description: string;
  /** Types of events: names, or `user.*` for all that begin so, or `*` for all. */
  events: string[];
  isEnabled: boolean;
  /** Encrypted. */
  secret: string;
  /** The secret before, while the receiver may still use it. */
  previousSecret?: { encrypted: string; expiresAt: Date } | undefined;
  createdAt: Date;
  updatedAt: Date;
}

export const WebhookNotFound = defineError('missing', 'webhook_not_found', 'No webhook has this ID.');
export const DeliveryNotFound = defineError(
  'missing',
  'delivery_not_found',
  'This webhook does not have this delivery.',
);

/** The type of the event that shows whether a webhook works. */
export const TEST_EVENT = 'webhook.test';

/** `user` of `user.created`. */
const AREAS = [...new Set(AUDIT_ACTIONS.map((action) => action.split('.')[0]!))];

/** Whatever can be asked for. */
export const EVENT_PATTERNS: string[] = ['*', ...AREAS.map((area) => `${area}.*`), ...AUDIT_ACTIONS];

export const wants = ({ events }: Pick<Webhook, 'events'>, type: string): boolean =>
  events.some((pattern) => pattern === '*' || pattern === type || pattern === `${type.split('.')[0]}.*`);

const url = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2000);
const events = z
  .array(z.string().refine((pattern) => EVENT_PATTERNS.includes(pattern), 'is not a type of event'))
  .min(1, 'must contain at least one type of event')
  .max(100, 'must have at most 100 types of events')
  .transform((patterns) => [...new Set(patterns)])
  .meta({
    description:
      'Types of events, which are the actions of the audit log. `user.*` stands for all that begin so, `*` for all.',
    example: ['group.*', 'user.disabled'],
  });

export const newWebhookShape = z.strictObject({
  url: url.meta({ description: 'Where events are sent to.', example: 'https://hooks.example.com/cohort' }),
  events: events.default(['*']),
  description: descriptionShape.default(''),
  enabled: z.boolean().default(true),
});

export const webhookChangeShape = z.strictObject({
  url: url.optional(),
  events: events.optional(),
  description: descriptionShape.optional(),
  enabled: z.boolean().optional(),
});

export type NewWebhook = z.output<typeof newWebhookShape>;
export type WebhookChange = z.output<typeof webhookChangeShape>;

const replyFields = {
  webhook_id: idShape,
  url: z.string(),
  description: z.string(),
  events: z.array(z.string()),
  enabled: z.boolean(),
  previous_secret_expires_at: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'Until when events are also signed with the secret before.' }),
  created_at: z.number().int(),
  updated_at: z.number().int(),
};

export const webhookReply = z.strictObject(replyFields).meta({ id: 'Webhook' });

/** The one reply that carries the secret: it cannot be asked for again. */
export const webhookWithSecretReply = z
  .strictObject({
    ...replyFields,
    secret: z
      .string()
      .meta({ description: 'Shown only once. Begins with `whsec_`, as Standard Webhooks libraries take it.' }),
  })
  .meta({ id: 'WebhookWithSecret' });

export const presentWebhook = (webhook: Webhook): z.input<typeof webhookReply> => ({
  webhook_id: webhook.id,
  url: webhook.url,
  description: webhook.description,
  events: webhook.events,
  enabled: webhook.isEnabled,
  previous_secret_expires_at: webhook.previousSecret ? unixSeconds(webhook.previousSecret.expiresAt) : null,
  created_at: unixSeconds(webhook.createdAt),
  updated_at: unixSeconds(webhook.updatedAt),
});

export interface WebhookStore {
  insert(webhook: Webhook): Promise<void>;
  find(id: Id): Promise<Webhook | undefined>;
  /** The newest first. */
  list(page: PageRequest): Promise<Page<Webhook>>;
  enabled(): Promise<Webhook[]>;
  replace(webhook: Webhook): Promise<void>;
  remove(id: Id): Promise<void>;
}
