import type { Connection } from 'mongoose';
import { RateLimiterMongo, RateLimiterRes } from 'rate-limiter-flexible';
import { sha256 } from '../base/ids.ts';
import { TooManyAttempts, type AttemptLimits } from './password.ts';

const WINDOW_SECONDS = 15 * 60;

export interface AttemptOptions {
  byAccount: number;
  byAddress: number;
}

/** Counted in MongoDB, so that every node sees the same number. Keys are hashed: the collection names nobody. */
export function createAttemptLimits(connection: Connection, { byAccount, byAddress }: AttemptOptions): AttemptLimits {
  const common = {
    storeClient: connection.getClient(),
    dbName: connection.name,
    tableName: 'attempts',
    duration: WINDOW_SECONDS,
  };
  const accounts = new RateLimiterMongo({ ...common, keyPrefix: 'account', points: byAccount });
  const addresses = new RateLimiterMongo({ ...common, keyPrefix: 'address', points: byAddress });

  return {
    async begin(account, address) {
      await count(addresses, address);
      await count(accounts, account);
    },

    async succeed(account, address) {
      await Promise.all([accounts.delete(sha256(account)), addresses.reward(sha256(address))]);
    },
  };
}

async function count(limiter: RateLimiterMongo, key: string): Promise<void> {
  try {
    await limiter.consume(sha256(key));
  } catch (rejection) {
    if (rejection instanceof RateLimiterRes)
      throw TooManyAttempts({ retryAfter: Math.max(1, rejection.msBeforeNext / 1000) });
    throw rejection;
  }
}
