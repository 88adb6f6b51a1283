import type { default as Provider } from 'oidc-provider';
import { growingPause } from '../../platform/backoff.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Log } from '../../platform/http/log.ts';
import type { ClaimedPing, Ping, PingOutbox } from './ping.ts';

/** Longer than an attempt can take (`ssrf-safe-fetch.ts`), so that nobody else has it in the meantime. */
const LEASE_MS = 30_000;
/** After 5, 10, 20, 40 and 60 seconds; a request ends after ten minutes. */
const MOST_ATTEMPTS = 5;
const PAUSE = { first: 5000, most: 60_000 };
/** So many in one round, so that applications that do not answer cannot hold up a node that stops. */
const AT_ONCE = 20;

export interface PingDeliveryOptions {
  outbox: Omit<PingOutbox, 'removeOfApplication'>;
  now: Clock;
  log: Log;
}

/** Tells applications again that they can fetch tokens. One that stays away can still ask by itself. */
export function createPingDelivery({ outbox, now, log }: PingDeliveryOptions) {
  const after = (ms: number) => new Date(now().getTime() + ms);

  const retryLater = (ping: Ping): Promise<void> => outbox.put(ping, after(growingPause(1, PAUSE)));

  async function deliverDue(provider: Provider): Promise<void> {
    const due: ClaimedPing[] = [];
    while (due.length < AT_ONCE) {
      const ping = await outbox.claim(now(), after(LEASE_MS));
      if (!ping) break;
      due.push(ping);
    }
    await Promise.all(due.map((ping) => deliver(provider, ping)));
  }

  async function deliver(provider: Provider, ping: ClaimedPing): Promise<void> {
    try {
      await send(provider, ping);
    } catch (error) {
      await noteFailure(ping, error);
      return;
    }
    await outbox.remove(ping);
  }

  async function noteFailure(ping: ClaimedPing, error: unknown): Promise<void> {
    const { attempt, clientId } = ping;
    const isHopeless = attempt >= MOST_ATTEMPTS;
    if (isHopeless) await outbox.remove(ping);
    else await outbox.postpone(ping, after(growingPause(attempt + 1, PAUSE)));
    const fate = isHopeless ? 'CIBA ping failed, giving up' : 'CIBA ping failed, will retry';
    log.warn({ err: error, client_id: clientId, attempt }, fate);
  }

  return { retryLater, deliverDue };
}

export type PingDelivery = ReturnType<typeof createPingDelivery>;

/** Sends nothing if the application is gone or has fetched its tokens in the meantime. */
async function send(provider: Provider, { clientId, authReqId }: ClaimedPing): Promise<void> {
  const client = await provider.Client.find(clientId);
  const request = await provider.BackchannelAuthenticationRequest.find(authReqId);
  if (!client || !request?.isValid) return;
  // A cast, because the types of oidc-provider leave this method out.
  const listener = client as unknown as {
    backchannelTokenDeliveryMode?: string;
    backchannelPing(about: object): Promise<void>;
  };
  if (listener.backchannelTokenDeliveryMode === 'ping') await listener.backchannelPing(request);
}
