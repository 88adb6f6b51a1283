import type { Clock } from '../../platform/clock.ts';
import { growingPause } from '../../platform/backoff.ts';
import { createSemaphore } from '../../platform/semaphore.ts';
import type { Log } from '../../platform/http/log.ts';
import type { ClaimedNotice, LogoutNotice, LogoutOutbox } from './logout-notice.ts';

/** So many applications are told at once. */
const AT_ONCE = 10;
/** How long one application may be told things before all others have their turn again. */
const TURN_MS = 5000;
/** Longer than an attempt can take (`ssrf-safe-fetch.ts`), so that nobody else has it in the meantime. */
const LEASE_MS = 30_000;
/** After 15 seconds, half a minute, … : the last attempt is about eight minutes after the first. */
const MOST_ATTEMPTS = 6;
const PAUSE = { first: 15_000, most: 5 * 60_000 };

export type LogoutOutcome = 'sent' | 'postponed' | 'failed';

export interface LogoutDeliveryOptions {
  outbox: Omit<LogoutOutbox, 'put'>;
  /** Makes a logout token and takes it to the application. Rejects when that does not accept it in time. */
  send(notice: LogoutNotice): Promise<void>;
  now: Clock;
  log: Log;
  count(outcome: LogoutOutcome): void;
}

/**
 * Takes notices to the applications, one after the other to each, so that one that is slow or dead keeps nobody waiting but
 * itself. Every attempt has a logout token of its own, which applications take once and for two minutes only.
 */
export function createLogoutDelivery({ outbox, send, now, log, count }: LogoutDeliveryOptions) {
  const after = (ms: number) => new Date(now().getTime() + ms);
  const inTurn = createSemaphore(AT_ONCE);

  async function deliverDue(stopping?: AbortSignal): Promise<void> {
    const clientIds = await outbox.clientIds();
    await Promise.all(clientIds.map((clientId) => inTurn(() => deliverTo(clientId, stopping))));
  }

  /** Ends with the first failure: what does not answer now is asked again in the next round. */
  async function deliverTo(clientId: string, stopping?: AbortSignal): Promise<void> {
    const end = AbortSignal.timeout(TURN_MS);
    while (!end.aborted && !stopping?.aborted) {
      const notice = await outbox.claim(clientId, now(), after(LEASE_MS));
      if (!notice || !(await deliver(notice))) return;
    }
  }

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
    count(isHopeless ? 'failed' : 'postponed');
    const fate = isHopeless
      ? 'back-channel logout delivery failed, giving up'
      : 'back-channel logout delivery failed, will retry';
    log.warn({ err: error, client_id: clientId, attempt }, fate);
  }

  return { deliverDue };
}
