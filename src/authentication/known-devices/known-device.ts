import type { Id } from '../../platform/ids.ts';

/** A browser that a user has signed in with. Two users of one browser are two devices. */
export interface Device {
  /** SHA-256 of what the browser keeps and the username. */
  id: string;
  userId: Id;
  userAgent: string;
  /** The IP address of the last sign-in. */
  address: string;
  firstSeenAt: Date;
  lastSeenAt: Date;
}

export interface DeviceStore {
  has(id: string): Promise<boolean>;
  /** Notes in a moment that a known device is in use. */
  note(id: string, address: string, at: Date): void;
  /** The same at once; false when it is not known. */
  see(id: string, address: string, at: Date): Promise<boolean>;
  /** Whether the user has used such a browser at the same IP address. */
  hasSimilar(device: Pick<Device, 'userId' | 'userAgent' | 'address'>): Promise<boolean>;
  add(device: Device): Promise<void>;
  /** Adds it in a moment, where nothing depends on it yet. */
  addSoon(device: Device): void;
  forgetOf(userIds: Id[]): Promise<void>;
}
