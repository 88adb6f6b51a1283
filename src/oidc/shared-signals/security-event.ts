import type { Id } from '../../platform/ids.ts';
import type { Page, PageRequest } from '../../platform/paging.ts';

const CAEP = 'https://schemas.openid.net/secevent/caep/event-type';
const RISC = 'https://schemas.openid.net/secevent/risc/event-type';
const SSF = 'https://schemas.openid.net/secevent/ssf/event-type';

/** What applications are told about users (CAEP 1.0, section 3; RISC 1.0, section 2). */
export const USER_EVENTS = {
  'token-claims-change': `${CAEP}/token-claims-change`,
  'session-revoked': `${CAEP}/session-revoked`,
  'credential-change': `${CAEP}/credential-change`,
  'account-disabled': `${RISC}/account-disabled`,
  'account-enabled': `${RISC}/account-enabled`,
  'account-purged': `${RISC}/account-purged`,
} as const;

/** What they are told about their streams, whatever they asked for (SSF 1.0, section 8.1.4). */
export const VERIFICATION = `${SSF}/verification`;

export type UserEvent = keyof typeof USER_EVENTS;

/** Something that an application is to be told about a user. */
export interface Signal {
  clientId: string;
  userId: Id;
  event: UserEvent;
  /** Members of the event besides its time. */
  details?: Record<string, unknown>;
  /** Of a session that has ended, as the application knows it from its ID token. */
  sid?: string | undefined;
  /** When it happened. */
  at: Date;
  /** What one thing that happened has in common wherever it is told (RFC 8417, section 2.2). */
  txn: string;
}

/** A subject identifier (RFC 9493, and SSF 1.0, section 3). */
export type SubjectId =
  | { format: 'iss_sub'; iss: string; sub: string }
  | { format: 'email'; email: string }
  | { format: 'opaque'; id: string }
  | { format: 'complex'; user: SubjectId; session: SubjectId };

/** What a security event token says besides who it is from and for. */
export interface EventContent {
  subject: SubjectId;
  /** The event's URI. */
  type: string;
  details: Record<string, unknown>;
  /** When it was written, in Unix seconds. */
  iat: number;
  txn: string;
}

/** Written, and not delivered yet. */
export interface PendingEvent {
  /** `jti`. */
  id: string;
  streamId: string;
  content: EventContent;
}

/** How an event went, for administrators. */
export interface EventRecord {
  id: string;
  streamId: string;
  type: string;
  createdAt: Date;
  deliveredAt?: Date | undefined;
  /** Why the receiver would not take it. */
  refusal?: string | undefined;
}

/** Events on their way to receivers, in the order in which they were written. */
export interface EventStore {
  /** Joins the caller's transaction. */
  put(events: (PendingEvent & { at: Date })[]): Promise<void>;
  /** The oldest first. */
  pending(streamId: string, limit: number): Promise<PendingEvent[]>;
  countPending(streamId: string): Promise<number>;
  /** The streams that anything waits for. */
  streamsWithPending(): Promise<string[]>;
  /** They were taken. */
  settle(streamId: string, ids: string[], at: Date): Promise<void>;
  /** The receiver has said what is wrong with one: sending it again would be of no use. */
  refuse(streamId: string, id: string, refusal: string, at: Date): Promise<void>;
  /** The newest first. */
  recent(streamIds: string[], page: PageRequest): Promise<Page<EventRecord>>;
  removeOfStream(streamId: string): Promise<void>;
}
