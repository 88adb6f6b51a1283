import { unixSeconds, type Clock } from '../../platform/clock.ts';
import { newSecret, sha256 } from '../../platform/ids.ts';
import type { Transact } from '../../platform/transaction.ts';
import { describeDevice } from '../../platform/user-agent.ts';
import type { Email } from '../../platform/mail/email.ts';
import type { User } from '../../directory/users/user.ts';
import type { Device, DeviceStore } from './known-device.ts';

/** As long as browsers keep a cookie at most (RFC 6265bis, section 5.5). */
export const REMEMBERED_SECONDS = 400 * 24 * 3600;

export interface DevicesOptions {
  store: DeviceStore;
  post(email: Email): Promise<void>;
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
  /** What the token was just found to name, if that was looked for. */
  known?: string | undefined;
}

export type Devices = ReturnType<typeof createDevices>;

/**
 * The browsers that users have signed in with. Failed attempts elsewhere do not delay a known one ("device cookies",
 * OWASP), and the user is notified by email of an unknown one.
 */
export function createDevices({ store, post, transact, now, issuer }: DevicesOptions) {
  /** What counts attempts from a device that is known for this username; undefined for any other. */
  async function identify(token: string | undefined, username: string): Promise<string | undefined> {
    const id = isToken(token) ? idOf(token, username) : undefined;
    return id !== undefined && (await store.has(id)) ? id : undefined;
  }

  /** They have proved who they are. Returns what the browser has to keep, so that it is known from now on. */
  async function remember(user: User, arrival: Arrival): Promise<string> {
    const { token, device, isNew } = await meet(user, arrival);
    if (isNew) await store.add(device);
    return token;
  }

  /**
   * The same for a sign-in. Users who have signed in before get an email, unless it looks like a device of theirs whose cookies
   * were cleared: the same browser at the same IP address.
   */
  async function rememberDevice(user: User, arrival: Arrival): Promise<string> {
    const { token, device, isNew } = await meet(user, arrival);
    if (!isNew) return token;
    if (!user.lastSignInAt || (await store.hasSimilar(device))) store.addSoon(device);
    else await transact(() => store.add(device).then(() => tell(user, device)));
    return token;
  }

  async function meet({ id: userId, username }: User, { token: kept, userAgent, address, known }: Arrival) {
    const token = isToken(kept) ? kept : newSecret();
    const at = now();
    const device = { id: idOf(token, username), userId, userAgent, address, firstSeenAt: at, lastSeenAt: at };
    if (known === device.id) {
      store.note(known, address, at);
      return { token, device, isNew: false };
    }
    return { token, device, isNew: token !== kept || !(await store.see(device.id, address, at)) };
  }

  function tell({ username }: User, { id, userAgent, address, firstSeenAt }: Device) {
    const { browser, system } = describeDevice(userAgent);
    const device = [browser, system].filter(Boolean).join(', ') || '?';
    return post({
      cause: `new-device:${id}:${firstSeenAt.toISOString()}`,
      to: username,
      view: 'new-device',
      model: { device, address, at: unixSeconds(firstSeenAt), link: `${issuer}/recover` },
    });
  }

  return { identify, remember, rememberDevice, forgetOf: store.forgetOf };
}

const idOf = (token: string, username: string) => sha256(`${token} ${username}`);

const isToken = (token: string | undefined): token is string => token !== undefined && /^[\w-]{43}$/.test(token);
