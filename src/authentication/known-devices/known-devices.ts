import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { newSecret, sha256 } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import { describeDevice } from '../../platform/user-agent.ts';
import type { Letter } from '../../platform/mail/email.ts';
import type { Person } from '../../directory/users/user.ts';
import type { Device, DeviceStore } from './known-device.ts';

/** As long as browsers keep a cookie at most (RFC 6265bis, section 5.5). */
export const REMEMBERED_SECONDS = 400 * 24 * 3600;

export interface DevicesOptions {
  store: DeviceStore;
  post(letter: Letter): Promise<void>;
  transact: Transact;
  now: Clock;
  issuer: string;
}

/** Where a sign-in comes from. */
export interface Arrival {
  /** What the browser keeps from an earlier sign-in of anybody's. */
  token: string | undefined;
  userAgent: string;
  address: string;
}

export type Devices = ReturnType<typeof createDevices>;

/**
 * The browsers that users have signed in with. Failed attempts elsewhere do not delay a known one ("device cookies",
 * OWASP), and the user is notified by email of an unknown one.
 */
export function createDevices({ store, post, transact, now, issuer }: DevicesOptions) {
  /** What counts attempts from a device that is known for this username; undefined for any other. */
  async function recognise(token: string | undefined, username: string): Promise<string | undefined> {
    const id = isToken(token) ? idOf(token, username) : undefined;
    return id !== undefined && (await store.has(id)) ? id : undefined;
  }

  /** They have proved who they are. Returns what the browser has to keep, so that it is known from now on. */
  async function remember(person: Person, arrival: Arrival): Promise<string> {
    const { token, device, isNew } = await meet(person, arrival);
    if (isNew) await store.add(device);
    return token;
  }

  /**
   * The same for a sign-in. Users who have signed in before get an email, unless it looks like a device of theirs whose cookies
   * were cleared: the same browser at the same IP address.
   */
  async function welcome(person: Person, arrival: Arrival): Promise<string> {
    const { token, device, isNew } = await meet(person, arrival);
    if (!isNew) return token;
    if (!person.lastSignInAt || (await store.hasSimilar(device))) await store.add(device);
    else await transact(() => store.add(device).then(() => tell(person, device)));
    return token;
  }

  async function meet({ id: userId, username }: Person, { token: kept, userAgent, address }: Arrival) {
    const token = isToken(kept) ? kept : newSecret();
    const at = now();
    const device = { id: idOf(token, username), userId, userAgent, address, firstSeenAt: at, lastSeenAt: at };
    return { token, device, isNew: !(await store.see(device.id, address, at)) };
  }

  function tell({ username }: Person, { id, userAgent, address, firstSeenAt }: Device) {
    const { browser, system } = describeDevice(userAgent);
    const device = [browser, system].filter(Boolean).join(', ') || '?';
    return post({
      cause: `new-device:${id}:${firstSeenAt.toISOString()}`,
      to: username,
      view: 'new-device',
      model: { device, address, at: unixSeconds(firstSeenAt), link: `${issuer}/recover` },
    });
  }

  return { recognise, remember, welcome, forgetOf: store.forgetOf };
}

const idOf = (token: string, username: string) => sha256(`${token} ${username}`);

const isToken = (token: string | undefined): token is string => token !== undefined && /^[\w-]{43}$/.test(token);
