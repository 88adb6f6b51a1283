import type { Connection } from 'mongoose';
import { openStore } from '../database.ts';
import { EXPIRY, NOW } from './one-time-store.ts';

export interface ExpiringStore {
  /** Makes one that is there until `EXPIRY`. */
  put(): Promise<void>;
  isThere(at: Date): Promise<boolean>;
}

/** Declares the test that every store passes whose things expire: the clock decides, not when they are tidied up. */
export function itForgetsAtExpiry(what: string, open: (connection: Connection) => ExpiringStore): void {
  it(`has ${what} until the moment it expires, whether it was tidied up or not`, async () => {
    const { store, close } = await openStore(open);
    expect(await store.isThere(NOW)).toBe(false);
    await store.put();
    const lastMoment = new Date(EXPIRY.getTime() - 1);
    const seen = [await store.isThere(NOW), await store.isThere(lastMoment), await store.isThere(EXPIRY)];
    expect(seen).toEqual([true, true, false]);
    await close();
  });
}
