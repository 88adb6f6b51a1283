import { z } from 'zod';
import { canonicalEmail } from '../../../config/email-address.ts';

/** What another module sends: the cause, the recipient, and a template with its model. */
export const emailShape = z.strictObject({
  /** What it is sent for, such as `invitation:4be2eff2574323ce`. The same cause is never posted twice. */
  cause: z.string().min(1).max(500),
  /** One address. Its shape allows no line break and no second address. */
  to: z.string().refine((address) => canonicalEmail(address) === address, 'must be an email in its one form'),
  /** The templates `views/mail/<view>.html.ejs` and `.text.ejs`, and the texts `mail.<view>` of the catalogue. */
  view: z.string().regex(/^[a-z]+(-[a-z]+)*$/),
  /** What the templates get: anything that JSON can hold, one-time links too. */
  model: z.record(z.string(), z.json()),
  /** The language of the page that it comes from; for users without an account, or without a language in their profile. */
  language: z.string().max(35).optional(),
  /** One of many: emails that a user is waiting for are sent first. */
  isBulk: z.boolean().default(false),
});

export type Email = z.input<typeof emailShape>;

/** What is encrypted: the content and the recipient. */
export type Content = Omit<z.output<typeof emailShape>, 'cause' | 'isBulk'>;

/** An email with its texts, ready to be handed over. */
export interface WrittenEmail {
  id: string;
  /** The same at every attempt, so that a duplicate can be detected (RFC 5322, section 3.6.4). */
  messageId: string;
  postedAt: Date;
  to: string;
  subject: string;
  text: string;
  html: string;
}

/** How emails are sent. */
export interface Transport {
  /** @throws EmailRefused when trying again would be of no use, anything else when it may help. */
  send(email: WrittenEmail, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** The mail server rejects this email permanently. */
export class EmailRefused extends Error {
  override name = 'EmailRefused';
}

export interface PostedEmail {
  id: string;
  view: string;
  encrypted: string;
  isBulk: boolean;
  postedAt: Date;
}

/** An email that one node may deliver until its time runs out. */
export interface ClaimedEmail extends PostedEmail {
  /** How often it was claimed, this time included. */
  attempt: number;
}

export type EmailOutcome = 'sent' | 'failed' | 'deferred';

/** Stores emails until they are delivered, and afterwards the record that they were sent. */
export interface Outbox {
  /** Joins the caller's transaction. An email that is there already stays as it is. */
  put(emails: PostedEmail[]): Promise<void>;
  /** The email that is due the longest, one of many only when no other is due, for this caller alone until `until`. */
  claim(now: Date, until: Date): Promise<ClaimedEmail | undefined>;
  /** Due again at `dueAt`, unless someone else claimed it in the meantime. */
  postpone(email: ClaimedEmail, dueAt: Date, reason: string): Promise<void>;
  /** It was delivered, by any node. Its content is removed; the record that it was sent is kept until `forgetAt`. */
  sent(email: ClaimedEmail, forgetAt: Date): Promise<void>;
  /** It never will, unless someone else claimed it in the meantime. What it said is removed too. */
  failed(email: ClaimedEmail, forgetAt: Date, reason: string): Promise<void>;
}
