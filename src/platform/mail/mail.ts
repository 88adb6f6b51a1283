import type { Boxes } from '../encryption.ts';
import type { Clock } from '../clock.ts';
import { growingPause } from '../backoff.ts';
import { sha256 } from '../ids.ts';
import type { Log } from '../http/log.ts';
import {
  LetterRefused,
  letterShape,
  type ClaimedLetter,
  type Content,
  type Letter,
  type LetterOutcome,
  type Outbox,
  type PostedLetter,
  type Transport,
} from './email.ts';
import type { LetterWriter } from './email-renderer.ts';

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
  boxes: Boxes;
  write: LetterWriter;
  /** Absent if emails cannot be sent; they then wait in the outbox. */
  transport: Transport | undefined;
  now: Clock;
  log: Log;
  count(outcome: LetterOutcome): void;
}

export type Mail = ReturnType<typeof createMail>;

/**
 * Emails are written in the transaction of the change that they are about, and delivered after it. SMTP cannot promise more than "at
 * least once": a node that dies between the server's acceptance and our note of it leaves an email that is sent again. It
 * has the same Message-ID then, by which mailboxes detect the duplicate.
 */
export function createMail({ outbox, boxes, write, transport, now, log, count }: MailOptions) {
  const after = (ms: number) => new Date(now().getTime() + ms);

  /** Posts one email; with a cause that was posted in the last 30 days, nothing. @throws ZodError for no such email */
  const post = (letter: Letter): Promise<void> => postMany([letter]);

  /** Posts up to 1,000 emails in one write. @throws ZodError when one of them is none, RangeError for more */
  async function postMany(letters: Letter[]): Promise<void> {
    if (letters.length > MOST_AT_ONCE_POSTED) throw new RangeError('Cannot send more than 1,000 emails at once.');
    if (letters.length > 0) await outbox.put(letters.map(seal));
  }

  // The recipient is encrypted too: otherwise, write access to the database would be enough to redirect one-time links.
  function seal(letter: Letter): PostedLetter {
    const { cause, isBulk, ...content } = letterShape.parse(letter);
    const id = sha256(cause);
    const sealed = boxes.seal(`mail:${id}`, JSON.stringify(content));
    return { id, view: content.view, sealed, isBulk, postedAt: now() };
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
    const letter = await outbox.claim(now(), after(LEASE_MS));
    if (!letter) return false;
    try {
      const content = JSON.parse(boxes.open(`mail:${letter.id}`, letter.sealed)) as Content;
      await by.send(await write(letter, content), AbortSignal.any([signal, AbortSignal.timeout(SENDING_MS)]));
    } catch (error) {
      await noteFailure(letter, error);
      return true;
    }
    await outbox.sent(letter, after(REMEMBER_MS));
    count('sent');
    return true;
  }

  async function noteFailure(letter: ClaimedLetter, error: unknown): Promise<void> {
    const { id, view, attempt, postedAt } = letter;
    const reason = reasonOf(error);
    const dueAt = after(growingPause(attempt, PAUSE));
    const isHopeless = error instanceof LetterRefused || dueAt.getTime() > postedAt.getTime() + KEEP_TRYING_MS;
    if (isHopeless) await outbox.failed(letter, after(REMEMBER_MS), reason);
    else await outbox.postpone(letter, dueAt, reason);
    count(isHopeless ? 'failed' : 'postponed');
    const fate = isHopeless ? 'email delivery failed, giving up' : 'email delivery failed, will retry';
    log.warn({ letter: id, view, attempt, reason }, fate);
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
