import type { Config } from '../../../config/schema.ts';
import { isIPv6 } from 'node:net';
import type { Connection } from 'mongoose';
import { sha256 } from '../../platform/ids.ts';
import { createCounter, type Counter } from '../../platform/db/counters.mongo.ts';
import { createGrowingWaits } from './sign-in-backoff.mongo.ts';
import { TooManyAttempts, type AttemptLimits, type AttemptOrigin, type RequestLimits } from './password.ts';

const WINDOW_SECONDS = 15 * 60;
const REQUEST_WINDOW_SECONDS = 3600;

export interface AttemptOptions {
  byAccount: number;
  byAddress: number;
}

/**
 * Counted in MongoDB, so that every node sees the same number. Keys are hashed: the collection names nobody. An account
 * that is guessed at makes unknown devices wait longer and longer; the devices it is known on are counted each for itself.
 */
export function createAttemptLimits(connection: Connection, { byAccount, byAddress }: AttemptOptions): AttemptLimits {
  const waits = createGrowingWaits(connection, { free: byAccount });
  const addresses = createCounter(connection, {
    collection: 'rate_limits',
    prefix: 'address',
    limit: byAddress,
    windowSeconds: WINDOW_SECONDS,
  });
  const keyOf = (account: string, { device }: Partial<AttemptOrigin> = {}) =>
    sha256(device ? `device ${device}` : `account ${account}`);

  return {
    async begin(account, origin) {
      await count(addresses, networkOf(origin.address));
      const wait = await waits.take(keyOf(account, origin));
      if (wait > 0) throw TooManyAttempts({ retryAfter: wait });
    },

    succeed(account, origin) {
      waits.forgive(keyOf(account, origin));
      addresses.giveBack(sha256(networkOf(origin.address)));
    },

    look: (account) => waits.look(keyOf(account)),
    clear: (account) => waits.clear(keyOf(account)),
  };
}

/** Counts what is asked for without being signed in; each `what` is counted for itself. */
export function createRequestLimits(
  connection: Connection,
  what: string,
  { accountRequests, accountRequestsByAddress }: Pick<Config, 'accountRequests' | 'accountRequestsByAddress'>,
): RequestLimits {
  const counter = (prefix: string, limit: number) =>
    createCounter(connection, { collection: 'rate_limits', prefix, limit, windowSeconds: REQUEST_WINDOW_SECONDS });
  const accounts = counter(`${what}-account`, accountRequests);
  const addresses = counter(`${what}-address`, accountRequestsByAddress);
  return {
    async count(account, address) {
      await count(addresses, networkOf(address));
      await count(accounts, account);
    },
  };
}

async function count(counter: Counter, key: string): Promise<void> {
  const { isExceeded, secondsLeft } = await counter.count(sha256(key));
  if (isExceeded) throw TooManyAttempts({ retryAfter: Math.max(1, secondsLeft) });
}

/** An IPv6 client usually has a whole /64, so that counts as one address. */
export function networkOf(address: string): string {
  if (!isIPv6(address) || address.includes('.')) return address;
  const [head = '', tail] = address.split('::');
  const groups = head.split(':').filter(Boolean);
  const last = tail === undefined ? [] : tail.split(':').filter(Boolean);
  const all =
    tail === undefined
      ? groups
      : [...groups, ...Array.from({ length: 8 - groups.length - last.length }, () => '0'), ...last];
  return all
    .slice(0, 4)
    .map((group) => parseInt(group, 16).toString(16))
    .join(':');
}
