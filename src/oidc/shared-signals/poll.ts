import { setTimeout as pause } from 'node:timers/promises';
import type { Clock } from '../../platform/clock.ts';
import type { SignEvent } from './event-token.ts';
import type { EventStore } from './security-event.ts';
import type { PollRequest, Stream } from './stream.ts';

/** A receiver that wants to wait is answered after this time at the latest. */
const WAIT_MS = 10_000;
const LOOK_EVERY_MS = 500;
const MOST_EVENTS = 100;
/** More that wait are answered at once. */
const MOST_WAITING = 100;

export interface PollOptions {
  events: EventStore;
  sign: SignEvent;
  now: Clock;
}

export interface PollReply {
  sets: Record<string, string>;
  /** Left out for no: some receivers do not know it. */
  moreAvailable?: true;
}

/** Hands events to receivers that ask for them (RFC 8936). An event is handed out again until it is acknowledged. */
export function createPoll({ events, sign, now }: PollOptions) {
  let waiting = 0;

  return async (stream: Stream, request: PollRequest): Promise<PollReply> => {
    const { ack, setErrs, maxEvents = MOST_EVENTS, returnImmediately } = request;
    if (ack.length > 0) await events.settle(stream.id, ack, now());
    for (const [jti, { err, description = '' }] of Object.entries(setErrs))
      await events.refuse(stream.id, jti, `${err}: ${description}`, now());
    const limit = stream.status === 'enabled' ? Math.min(maxEvents, MOST_EVENTS) : 0;
    if (limit === 0) return { sets: {}, ...moreIf(stream.status === 'enabled' && (await isWaiting(stream))) };
    const pending = returnImmediately ? await events.pending(stream.id, limit + 1) : await waitFor(stream, limit + 1);
    const handedOut = pending.slice(0, limit);
    const signed = await Promise.all(handedOut.map((event) => sign(event, stream.clientId)));
    return {
      sets: Object.fromEntries(handedOut.map(({ id }, index) => [id, signed[index]!])),
      ...moreIf(pending.length > limit),
    };
  };

  async function isWaiting({ id }: Stream): Promise<boolean> {
    return (await events.pending(id, 1)).length > 0;
  }

  async function waitFor({ id }: Stream, limit: number) {
    const until = performance.now() + (waiting < MOST_WAITING ? WAIT_MS : 0);
    waiting += 1;
    try {
      for (;;) {
        const pending = await events.pending(id, limit);
        if (pending.length > 0 || performance.now() >= until) return pending;
        await pause(LOOK_EVERY_MS);
      }
    } finally {
      waiting -= 1;
    }
  }
}

const moreIf = (isThere: boolean): Pick<PollReply, 'moreAvailable'> => (isThere ? { moreAvailable: true } : {});

export type Poll = ReturnType<typeof createPoll>;
