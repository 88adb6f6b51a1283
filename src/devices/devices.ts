import type { Clock } from '../base/clock.ts';
import { newSecret, sha256 } from '../base/ids.ts';
import type { Transact } from '../base/transaction.ts';
import { describeDevice } from '../base/user-agent.ts';
import type { Letter } from '../mail/letter.ts';
import type { Person } from '../users/user.ts';
import type { Device, DeviceStore } from './device.ts';

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
 * The browsers that people have signed in with. A known one is not held up by what strangers try on the account ("device
 * cookies", OWASP), and the owner of an account hears of an unknown one by mail.
 */
export function createDevices({ store, post, transact, now, issuer }: DevicesOptions) {
  /** What counts attempts from a device that is known for this username; undefined for any other. */
  async function recognise(token: string | undefined, username: string): Promise<string | undefined> {
    const id = isToken(token) ? idOf(token, username) : undefined;
    return id !== undefined && (await store.has(id)) ? id : undefined;
  }

  /**
   * They have proved who they are, so their browser is known from now on. Returns what the browser has to keep. Somebody
   * who has signed in before gets a letter when it is a new one.
   */
  async function welcome(person: Person, { token, userAgent, address }: Arrival): Promise<string> {
    const kept = isToken(token) ? token : newSecret();
    const id = idOf(kept, person.username);
    const at = now();
    if (await store.see(id, address, at)) return kept;
    const device = { id, userId: person.id, userAgent, address, firstSeenAt: at, lastSeenAt: at };
    await transact(async () => {
      await store.add(device);
      if (person.lastSignInAt) await tell(person, device);
    });
    return kept;
  }

  function tell(
    { username, locale = 'en', zoneinfo = 'UTC' }: Person,
    { id, userAgent, address, firstSeenAt }: Device,
  ) {
    const format = { dateStyle: 'long', timeStyle: 'long', timeZone: zoneinfo } as const;
    const at = new Intl.DateTimeFormat(locale, format).format(firstSeenAt);
    const { browser, system } = describeDevice(userAgent);
    const device = [browser, system].filter(Boolean).join(', ') || '?';
    return post({
      cause: `new-device:${id}:${firstSeenAt.toISOString()}`,
      to: username,
      view: 'new-device',
      model: { device, address, at, link: `${issuer}/recover` },
    });
  }

  return { recognise, welcome, forgetOf: store.forgetOf };
}

const idOf = (token: string, username: string) => sha256(`${token} ${username}`);

const isToken = (token: string | undefined): token is string => token !== undefined && /^[\w-]{43}$/.test(token);
