import { defineError } from '../../platform/errors.ts';
import type { Clock } from '../../platform/clock.ts';
import type { Encryption } from '../../platform/encryption.ts';
import { sha256 } from '../../platform/ids.ts';

export const RequestExpired = defineError(
  'invalid',
  'request_expired',
  'The parameters of this request are no longer kept. Start again from the application.',
);

/** The one parameter of the request that goes on. */
const PARAMETER = 'posted_request';
/** What every browser, proxy and log takes as a URL. */
const URL_BYTES = 2000;

export interface PostedRequestStore {
  insert(id: string, encrypted: string, expiresAt: Date): Promise<void>;
  find(id: string): Promise<{ encrypted: string; expiresAt: Date } | undefined>;
}

export interface PostedRequestsOptions {
  store: PostedRequestStore;
  encryption: Encryption;
  newSecret(): string;
  now: Clock;
  /** For how long the page that a request leads to can be opened. */
  seconds: number;
}

export type PostedRequests = ReturnType<typeof createPostedRequests>;

/**
 * Keeps the parameters of long requests, so that a browser goes on at a short URL. Opening it again means the same request
 * again, as with any URL: nothing is used up.
 */
export function createPostedRequests({ store, encryption, newSecret, now, seconds }: PostedRequestsOptions) {
  // Good at the path that it was sent to, and nowhere else.
  const idOf = (path: string, value: string) => sha256(`${path} ${value}`);
  const purposeOf = (id: string) => `posted_request:${id}`;

  /** Where the request goes on: with its parameters in the URL if they are short. */
  async function addressFor(path: string, query: string): Promise<string> {
    const address = `${path}?${query}`;
    if (address.length <= URL_BYTES) return address;
    const value = newSecret();
    const id = idOf(path, value);
    await store.insert(id, encryption.encrypt(purposeOf(id), query), new Date(now().getTime() + seconds * 1000));
    return `${path}?${PARAMETER}=${value}`;
  }

  /** The parameters that a URL stands for, as they were sent; undefined for one that has its own. @throws RequestExpired */
  async function parametersOf(path: string, query: URLSearchParams): Promise<string | undefined> {
    const value = query.get(PARAMETER);
    if (value === null) return undefined;
    const id = idOf(path, value);
    const found = await store.find(id);
    if (!found || found.expiresAt <= now()) throw RequestExpired();
    return encryption.decrypt(purposeOf(id), found.encrypted);
  }

  return { addressFor, parametersOf };
}
