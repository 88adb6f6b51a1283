import { z } from 'zod';
import { unixSeconds } from '../../platform/clock.ts';
import { idShape, type Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';

export const DELIVERY_STATUS = ['pending', 'delivered', 'failed'] as const;
export type DeliveryStatus = (typeof DELIVERY_STATUS)[number];

/** An event on its way to a webhook, and what has become of it. */
export interface Delivery {
  /** `webhook-id`: the same at every attempt, so that a receiver can tell that it has it already. */
  id: string;
  webhookId: Id;
  type: string;
  /** JSON, as it is sent and signed. */
  body: string;
  status: DeliveryStatus;
  /** How many attempts there were. */
  attempt: number;
  createdAt: Date;
  dueAt: Date;
  last?: Attempt | undefined;
}

/** How an attempt went: the status of the answer, or why there was none. */
export interface Attempt {
  at: Date;
  status?: number | undefined;
  error?: string | undefined;
}

/** The latest, or those that were not taken. */
export interface DeliveryCriteria {
  webhookId: Id;
  status?: DeliveryStatus | undefined;
}

export interface DeliveryStore {
  /** Leaves out those that are there. Joins the caller's transaction. */
  put(deliveries: Delivery[]): Promise<void>;
  /** The newest first. */
  search(criteria: DeliveryCriteria, page: PageRequest): Promise<Page<Delivery>>;
  countFailed(since: Date): Promise<number>;
  /** The webhooks that anything waits for. */
  webhooksWithPending(): Promise<Id[]>;
  /** What is due longest for this webhook, nobody else's until `until`. */
  claim(webhookId: Id, now: Date, until: Date): Promise<Delivery | undefined>;
  /** Nothing when someone else has it by now. */
  postpone(delivery: Delivery, last: Attempt, dueAt: Date): Promise<void>;
  finish(delivery: Delivery, status: 'delivered' | 'failed', last: Attempt): Promise<void>;
  /** From the beginning; undefined if there is none. */
  replay(webhookId: Id, id: string, at: Date): Promise<Delivery | undefined>;
  /** Those that failed; how many there were. */
  replayFailed(webhookId: Id, at: Date): Promise<number>;
  removeOfWebhook(webhookId: Id): Promise<void>;
}

export const deliveryReply = z
  .strictObject({
    delivery_id: z.string(),
    webhook_id: idShape,
    type: z.string(),
    status: z.enum(DELIVERY_STATUS),
    attempts: z.number().int(),
    created_at: z.number().int(),
    last_attempt_at: z.number().int().nullable(),
    response_status: z.number().int().nullable().meta({ description: 'HTTP status of the last response.' }),
    error: z.string().nullable().meta({ description: 'Why there was no response.' }),
    next_attempt_at: z.number().int().nullable(),
    payload: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WebhookDelivery' });

export const presentDelivery = (delivery: Delivery): z.input<typeof deliveryReply> => ({
  delivery_id: delivery.id,
  webhook_id: delivery.webhookId,
  type: delivery.type,
  status: delivery.status,
  attempts: delivery.attempt,
  created_at: unixSeconds(delivery.createdAt),
  last_attempt_at: delivery.last ? unixSeconds(delivery.last.at) : null,
  response_status: delivery.last?.status ?? null,
  error: delivery.last?.error ?? null,
  next_attempt_at: delivery.status === 'pending' ? unixSeconds(delivery.dueAt) : null,
  // A cast, because only `bodyOf` writes it.
  payload: JSON.parse(delivery.body) as Record<string, unknown>,
});
