import type { Clock } from '../../platform/clock.ts';
import { newSecret, sha256, type Id, type NewId } from '../../platform/ids.ts';
import { markOf, type ProofMark } from '../../directory/users/proof.ts';
import type { User } from '../../directory/users/user.ts';

const DAY_SECONDS = 24 * 3600;

/** A trusted device: a browser that skips MFA for some days. */
export interface TrustedDevice {
  id: Id;
  userId: Id;
  userAgent: string;
  address: string;
  /** The mark of the proof with which it was trusted. */
  mark: ProofMark;
  createdAt: Date;
  expiresAt: Date;
  lastUsedAt?: Date | undefined;
}

export interface TrustedDeviceStore {
  insert(hash: string, device: TrustedDevice): Promise<void>;
  /** True if this user's browser is trusted now, by a proof that still holds. Records the use. */
  see(hash: string, owner: { userId: Id; mark: ProofMark }, at: Date): Promise<boolean>;
  list(userId: Id, at: Date): Promise<TrustedDevice[]>;
  remove(userId: Id, id: Id): Promise<boolean>;
  removeOf(userIds: Id[]): Promise<void>;
}

export interface TrustedDevicesOptions {
  store: TrustedDeviceStore;
  newId: NewId;
  now: Clock;
  /** For how long; 0 offers it to nobody. */
  days: number;
}

export type TrustedDevices = ReturnType<typeof createTrustedDevices>;

/** Browsers that keep a secret of 256 bits, of which the SHA-256 is stored with the user it was given to. */
export function createTrustedDevices({ store, newId, now, days }: TrustedDevicesOptions) {
  const seconds = days * DAY_SECONDS;

  /** What the browser has to keep, and for how long. */
  async function remember(
    { userId, mark }: { userId: Id; mark: ProofMark },
    { userAgent, address }: { userAgent: string; address: string },
  ): Promise<{ value: string; maxAgeSeconds: number }> {
    const secret = newSecret();
    const createdAt = now();
    const expiresAt = new Date(createdAt.getTime() + seconds * 1000);
    await store.insert(sha256(secret), { id: newId(), userId, mark, userAgent, address, createdAt, expiresAt });
    return { value: secret, maxAgeSeconds: seconds };
  }

  const isTrusted = async (user: User, secret: string | undefined): Promise<boolean> =>
    days > 0 && secret !== undefined && store.see(sha256(secret), { userId: user.id, mark: markOf(user) }, now());

  const list = (userId: Id): Promise<TrustedDevice[]> => store.list(userId, now());

  return { days, remember, isTrusted, list, forget: store.remove, forgetOf: store.removeOf };
}
