import type { Encryption } from '../encryption.ts';
import type { Clock } from '../clock.ts';
import { growingPause } from '../backoff.ts';
import { sha256 } from '../ids.ts';
import type { Log } from '../http/log.ts';
import {
  EmailRefused,
  emailShape,
  type ClaimedEmail,
  type Content,
  type Email,
  type EmailOutcome,
  type Outbox,
  type PostedEmail,
  type Transport,
} from './email.ts';
import type { EmailWriter } from './email-renderer.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const AT_ONCE = 3;
const MOST_AT_ONCE_POSTED = 1000;
/** An attempt that takes longer is cut off, however busily the mail server goes on answering. */
const SENDING_MS = 2 * MINUTE;
/** Longer than an attempt can take, so that it needs no renewing and nobody else has it in the meantime. */
const LEASE_MS = SENDING_MS + MINUTE;
/** An email that is aborted between its last line and the server's response is sent twice, so a stopping node waits this long. */
const GRACE_MS = 5000;
const PAUSE = { first: MINUTE, most: 6 * HOUR };
const KEEP_TRYING_MS = 2 * DAY;
const REMEMBER_MS = 30 * DAY;

export interface MailOptions {
  outbox: Outbox;
  encryption: Encryption;
  write: EmailWriter;
  /** Absent if emails cannot be sent; they then wait in the outbox. */
  transport: Transport | undefined;
  now: Clock;
  log: Log;
  count(outcome: EmailOutcome): void;
}

export type Mail = ReturnType<typeof createMail>;

/**
 * Emails are written in the transaction of the change that they are about, and delivered after it. SMTP cannot promise more than "at
 * least once": a node that dies between the server's acceptance and our note of it leaves an email that is sent again. It
 * has the same Message-ID then, by which mailboxes detect the duplicate.
 */
export function createMail({ outbox, encryption, write, transport, now, log, count }: MailOptions) {
  const after = (ms: number) => new Date(now().getTime() + ms);

  /** Posts one email; with a cause that was posted in the last 30 days, nothing. @throws ZodError for no such email */
  const post = (email: Email): Promise<void> => postMany([email]);

  /** Posts up to 1,000 emails in one write. @throws ZodError when one of them is none, RangeError for more */
  async function postMany(emails: Email[]): Promise<void> {
    if (emails.length > MOST_AT_ONCE_POSTED) throw new RangeError('Cannot send more than 1,000 emails at once.');
    if (emails.length > 0) await outbox.put(emails.map(encrypt));
  }

  // The recipient is encrypted too: otherwise, write access to the database would be enough to redirect one-time links.
  function encrypt(email: Email): PostedEmail {
    const { cause, isBulk, ...content } = emailShape.parse(email);
    const id = sha256(cause);
    const encrypted = encryption.encrypt(`mail:${id}`, JSON.stringify(content));
    return { id, view: content.view, encrypted, isBulk, postedAt: now() };
  }

  /** Delivers what is due now, a few emails at once. Returns soon after `stopping` is aborted. */
  async function deliverDue(stopping?: AbortSignal): Promise<void> {
    if (!transport) return;
    const { signal, release } = someTimeAfter(stopping, GRACE_MS);
    const deliverOne = async () => !stopping?.aborted && deliverNext(transport, signal);
    const deliverAll = async () => {
      while (await deliverOne());
    };
    try {
      // The first alone: mostly there is none, and a node that has nothing to do should ask only once.
      if (await deliverOne()) await Promise.all(Array.from({ length: AT_ONCE }, deliverAll));
    } finally {
      release();
    }
  }

  /** False when nothing was due. */
  async function deliverNext(by: Transport, signal: AbortSignal): Promise<boolean> {
    const email = await outbox.claim(now(), after(LEASE_MS));
    if (!email) return false;
    try {
      const content = JSON.parse(encryption.decrypt(`mail:${email.id}`, email.encrypted)) as Content;
      await by.send(await write(email, content), AbortSignal.any([signal, AbortSignal.timeout(SENDING_MS)]));
    } catch (error) {
      await noteFailure(email, error);
      return true;
    }
    await outbox.sent(email, after(REMEMBER_MS));
    count('sent');
    return true;
  }

  async function noteFailure(email: ClaimedEmail, error: unknown): Promise<void> {
    const { id, view, attempt, postedAt } = email;
    const reason = reasonOf(error);
    const dueAt = after(growingPause(attempt, PAUSE));
    const isHopeless = error instanceof EmailRefused || dueAt.getTime() > postedAt.getTime() + KEEP_TRYING_MS;
    if (isHopeless) await outbox.failed(email, after(REMEMBER_MS), reason);
    else await outbox.postpone(email, dueAt, reason);
    count(isHopeless ? 'failed' : 'deferred');
    const fate = isHopeless ? 'email delivery failed, giving up' : 'email delivery failed, will retry';
    log.warn({ email: id, view, attempt, reason }, fate);
  }

  /** Says once when mail cannot leave. */
  async function start(): Promise<void> {
    if (!transport) log.warn('COHORT_SMTP_URL is not set: emails stay in the outbox and are not sent');
  }

  return { post, postMany, deliverDue, start, stop: async () => transport?.close() };
}

// Several addresses that were tried in vain come as one error without a message.
function reasonOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return (message || code || 'unknown').slice(0, 500);
}

/** A signal that is aborted `ms` after another one; `release` stops listening to that. */
function someTimeAfter(first: AbortSignal | undefined, ms: number): { signal: AbortSignal; release(): void } {
  const later = new AbortController();
  const listener = () => void setTimeout(() => later.abort(), ms).unref();
  first?.addEventListener('abort', listener, { once: true });
  return { signal: later.signal, release: () => first?.removeEventListener('abort', listener) };
}
