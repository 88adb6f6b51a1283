import type { Clock } from '../../platform/clock.ts';
import { growingPause } from '../../platform/backoff.ts';
import { createTurns } from '../../platform/turns.ts';
import type { Log } from '../../platform/http/log.ts';
import type { ClaimedNotice, LogoutNotice, LogoutOutbox } from './logout-notice.ts';

/** Longer than an attempt can take (`ssrf-safe-fetch.ts`), so that nobody else has it in the meantime. */
const LEASE_MS = 30_000;
/** After 15 seconds, half a minute, … : the last attempt is about eight minutes after the first. */
const MOST_ATTEMPTS = 6;
const PAUSE = { first: 15_000, most: 5 * 60_000 };

export type LogoutOutcome = 'sent' | 'deferred' | 'failed';

export interface LogoutDeliveryOptions {
  outbox: Omit<LogoutOutbox, 'put'>;
  /** Makes a logout token and takes it to the application. Rejects when that does not accept it in time. */
  send(notice: LogoutNotice): Promise<void>;
  now: Clock;
  log: Log;
  count(outcome: LogoutOutcome): void;
}

/**
 * Takes notices to the applications, one after the other to each. Every attempt has a logout token of its own, which applications take once and for two minutes only.
 */
export function createLogoutDelivery({ outbox, send, now, log, count }: LogoutDeliveryOptions) {
  const after = (ms: number) => new Date(now().getTime() + ms);

  async function deliver(notice: ClaimedNotice): Promise<boolean> {
    try {
      await send(notice);
    } catch (error) {
      await noteFailure(notice, error);
      return false;
    }
    await outbox.remove(notice);
    count('sent');
    return true;
  }

  async function noteFailure(notice: ClaimedNotice, error: unknown): Promise<void> {
    const { attempt, clientId } = notice;
    const isHopeless = attempt >= MOST_ATTEMPTS;
    if (isHopeless) await outbox.remove(notice);
    else await outbox.postpone(notice, after(growingPause(attempt, PAUSE)));
    count(isHopeless ? 'failed' : 'deferred');
    const fate = isHopeless
      ? 'back-channel logout delivery failed, giving up'
      : 'back-channel logout delivery failed, will retry';
    log.warn({ err: error, client_id: clientId, attempt }, fate);
  }

  const deliverDue = createTurns({
    receivers: outbox.clientIds,
    claim: (clientId) => outbox.claim(clientId, now(), after(LEASE_MS)),
    deliver,
  });

  return { deliverDue };
}
