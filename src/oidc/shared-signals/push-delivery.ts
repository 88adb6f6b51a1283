import { growingPause } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { SignEvent } from './event-token.ts';
import type { EventStore, PendingEvent } from './security-event.ts';
import type { Stream, StreamStore } from './stream.ts';

/** Longer than a turn with an attempt can take, so that no other node has the stream in the meantime. */
const LEASE_MS = 30_000;
/** How long one receiver may be sent events before others have their turn again. */
const TURN_MS = 5000;
const BLOCK = 20;
/** So many receivers are sent events at once. */
const AT_ONCE = 10;
/** After one second, two, four, … and then every ten minutes. */
const PAUSE = { first: 1000, most: 10 * 60_000 };
const MOST_SHOWN = 300;

export type PushOutcome = 'sent' | 'deferred' | 'refused';

export interface PushDeliveryOptions {
  streams: Pick<StreamStore, 'claim' | 'release'>;
  events: EventStore;
  sign: SignEvent;
  /** Whether an application may still receive security events. */
  mayReceive(clientId: string): Promise<boolean>;
  authorizationOf(stream: Stream): string | undefined;
  fetch: typeof globalThis.fetch;
  now: Clock;
  log: Log;
  count(outcome: PushOutcome): void;
}

/**
 * Pushes events (RFC 8935), one after the other for each stream: what a receiver is told about a user has the order in which it
 * happened. Until it takes an event, it gets none of those after it; one that it calls faulty is left out.
 */
export function createPushDelivery(options: PushDeliveryOptions) {
  const { streams, events, sign, mayReceive, authorizationOf, fetch, now, log, count } = options;
  const after = (ms: number) => new Date(now().getTime() + ms);

  /** Every stream that is due and free has a turn, a few at a time. */
  async function deliverDue(stopping: AbortSignal): Promise<void> {
    const waiting = new Set(await events.streamsWithPending());
    const worker = async () => {
      while (waiting.size > 0 && !stopping.aborted) {
        const stream = await streams.claim([...waiting], now(), after(LEASE_MS));
        if (!stream) return;
        waiting.delete(stream.id);
        await deliverTo(stream, stopping);
      }
    };
    await Promise.all(Array.from({ length: Math.min(waiting.size, AT_ONCE) }, worker));
  }

  async function deliverTo(stream: Stream, stopping: AbortSignal): Promise<void> {
    const turn = AbortSignal.any([stopping, AbortSignal.timeout(TURN_MS)]);
    let successAt: Date | undefined;
    try {
      if (!(await mayReceive(stream.clientId))) throw new Error('The application may not receive security events.');
      let sent = BLOCK;
      while (sent === BLOCK && !turn.aborted) {
        const pending = await events.pending(stream.id, BLOCK);
        sent = 0;
        for (const event of pending) {
          if (turn.aborted) break;
          await deliver(stream, event);
          successAt = now();
          sent += 1;
        }
      }
    } catch (error) {
      const failure = { at: now(), detail: messageOf(error) };
      log.warn(
        { err: error, client_id: stream.clientId, stream_id: stream.id },
        'security event not delivered, will retry',
      );
      count('deferred');
      const dueAt = after(growingPause(successAt ? 1 : stream.attempt, PAUSE));
      await streams.release(stream, { dueAt, failure, ...(successAt ? { successAt } : {}) });
      return;
    }
    await streams.release(stream, { dueAt: now(), ...(successAt ? { successAt } : {}) });
  }

  /** @throws Error when it was not taken, and is to be sent again */
  async function deliver(stream: Stream, event: PendingEvent): Promise<void> {
    const authorization = authorizationOf(stream);
    const response = await fetch(stream.push!.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/secevent+jwt',
        accept: 'application/json',
        ...(authorization ? { authorization } : {}),
      },
      body: await sign(event, stream.clientId),
    });
    const { status } = response;
    const text = (await response.text()).slice(0, MOST_SHOWN);
    if (status === 202 || status === 200 || status === 204) {
      await events.settle(stream.id, [event.id], now());
      count('sent');
    } else if (status === 400) {
      log.warn({ client_id: stream.clientId, stream_id: stream.id, event: event.id }, 'security event refused');
      await events.refuse(stream.id, event.id, text || `HTTP status ${status}`, now());
      count('refused');
    } else {
      throw new Error(`The receiver answered with HTTP status ${status}.`);
    }
  }

  return { deliverDue };
}

function messageOf(error: unknown): string {
  const { message, cause } = error as Error;
  const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
  return reason.slice(0, MOST_SHOWN);
}
