import { z } from 'zod';
import type { Id } from '../../platform/ids.ts';
import { isPlainText } from '../../../config/plain-text.ts';

/** Delivery by POST to the receiver (RFC 8935), or by the receiver's polling (RFC 8936). */
export const PUSH = 'urn:ietf:rfc:8935';
export const POLL = 'urn:ietf:rfc:8936';

/** `paused`: events are kept for later. `disabled`: events are not even written (SSF 1.0, section 8.1.2). */
export const STREAM_STATUS = ['enabled', 'paused', 'disabled'] as const;
export type StreamStatus = (typeof STREAM_STATUS)[number];

/** Seconds between two verifications that a receiver asks for (SSF 1.0, section 8.1.4.2). */
export const VERIFICATION_SECONDS = 10;

export interface Stream {
  id: Id;
  clientId: string;
  /** URIs of events. */
  requested: string[];
  /** Where events are pushed to; without it, the receiver polls. */
  push?: { url: string; /** Of the Authorization header, encrypted. */ authorization?: string | undefined } | undefined;
  description?: string | undefined;
  status: StreamStatus;
  reason?: string | undefined;
  createdAt: Date;
  /** How delivery by push goes. */
  attempt: number;
  dueAt: Date;
  lastSuccessAt?: Date | undefined;
  lastFailure?: { at: Date; detail: string } | undefined;
  verifiedAt?: Date | undefined;
}

export interface StreamStore {
  insert(stream: Stream): Promise<void>;
  find(id: Id): Promise<Stream | undefined>;
  ofApplications(clientIds: string[]): Promise<Stream[]>;
  replace(stream: Stream): Promise<void>;
  /** False if another verification is less than so many seconds old. */
  noteVerification(id: Id, at: Date): Promise<boolean>;
  remove(id: Id): Promise<void>;
  /** Those of these that are enabled, push, and are due, for one node at a time. */
  claim(ids: Id[], now: Date, until: Date): Promise<Stream | undefined>;
  /** A turn is over. */
  release(
    stream: Pick<Stream, 'id' | 'attempt'>,
    outcome: { dueAt: Date; successAt?: Date; failure?: Stream['lastFailure'] },
  ): Promise<void>;
  /** Users that a receiver wants to hear nothing about. */
  setMuted(id: Id, userId: Id, isMuted: boolean): Promise<void>;
  mutedIn(ids: Id[], userIds: Id[]): Promise<{ streamId: Id; userId: Id }[]>;
  unmuteUser(userId: Id): Promise<void>;
}

const text = z.string().max(1000).refine(isPlainText, 'must not contain control characters');
const streamId = z.string().max(100);

const push = z.strictObject({
  method: z.literal(PUSH),
  endpoint_url: z.url({ protocol: /^https?$/, error: 'must be an http or https URL' }).max(2000),
  authorization_header: text.min(1).optional(),
});
const poll = z.strictObject({ method: z.literal(POLL), endpoint_url: z.string().max(2000).optional() });
const delivery = z.discriminatedUnion('method', [push, poll], {
  error: `method must be ${PUSH} (with endpoint_url) or ${POLL}`,
});

const own = {
  events_requested: z.array(z.string().max(500)).max(100),
  delivery,
  description: text.nullable(),
};

/**
 * SSF 1.0, section 8.1.1.1. Other members are ignored: receivers send back what the transmitter supplies, and may know a newer
 * version.
 */
export const newStreamShape = z.object({
  events_requested: own.events_requested.default([]),
  delivery: own.delivery.default({ method: POLL }),
  description: own.description.optional(),
});
export const changedStreamShape = z.object({
  stream_id: streamId,
  events_requested: own.events_requested.optional(),
  delivery: own.delivery.optional(),
  description: own.description.optional(),
});
export const replacedStreamShape = newStreamShape.extend({ stream_id: streamId });
export const statusShape = z.object({
  stream_id: streamId,
  status: z.enum(STREAM_STATUS),
  reason: text.optional(),
});
export const verificationShape = z.object({ stream_id: streamId, state: text.optional() });

const subject = z.discriminatedUnion('format', [
  z.object({ format: z.literal('iss_sub'), iss: z.string(), sub: z.string().max(300) }),
  z.object({ format: z.literal('email'), email: z.string().max(300) }),
]);
export const subjectShape = z.object({ stream_id: streamId, subject, verified: z.boolean().optional() });
export type NamedSubject = z.output<typeof subject>;

export type NewStream = z.output<typeof newStreamShape>;
export type ChangedStream = z.output<typeof changedStreamShape>;

/** RFC 8936, section 2.2. */
export const pollShape = z.object({
  maxEvents: z.number().int().min(0).optional(),
  returnImmediately: z.boolean().default(false),
  ack: z.array(z.string().max(100)).max(1000).default([]),
  setErrs: z
    .record(z.string().max(100), z.object({ err: z.string().max(100), description: z.string().max(1000).optional() }))
    .default({}),
});
export type PollRequest = z.output<typeof pollShape>;
