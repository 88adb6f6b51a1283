import type { Connection } from 'mongoose';
import { openStore, type OpenStore } from '../database.ts';
import { race, tally } from './racing.ts';

/** Now, to the stores under test; whatever expires does so an hour later. */
export const NOW = new Date('2026-11-21T08:00:00Z');
export const EXPIRY = new Date(NOW.getTime() + 3600_000);
const LAST_MOMENT = new Date(EXPIRY.getTime() - 1);

export interface OneTimeStore {
  /** Makes one that can be used from `NOW` on and, if it expires, until `EXPIRY`. */
  put(): Promise<void>;
  /** Whether this caller used it up. */
  use(at: Date): Promise<boolean>;
  /** The same of one that was never made; absent where using is what makes it. */
  useUnknown?(at: Date): Promise<boolean>;
}

export interface OneTimeConformance {
  open(connection: Connection): OneTimeStore;
  /** Whether it can be used at its expiry no more. */
  expires: boolean;
}

/** Declares the tests that every store passes whose things are used once: links, codes, challenges. */
export function describeOneTimeStore({ open, expires }: OneTimeConformance): void {
  let opened: OpenStore<OneTimeStore>;
  let store: OneTimeStore;
  beforeAll(async () => {
    opened = await openStore(open);
    ({ store } = opened);
  });
  beforeEach(async () => {
    await opened.clear();
    await store.put();
  });
  afterAll(() => opened.close());

  it('lets it be used once', async () => {
    expect([await store.use(NOW), await store.use(NOW)]).toEqual([true, false]);
  });

  it('lets one of fifty on two nodes use it', async () => {
    const other = await opened.openAgain();
    const outcomes = await race((racer) => (racer % 2 === 0 ? store : other.store).use(NOW));
    expect(tally(outcomes)).toEqual({ true: 1, false: 49 });
    await other.database.close();
  });

  it('lets nobody use one that is not there', async () => {
    expect(await store.useUnknown?.(NOW)).not.toBe(true);
    expect(await store.use(NOW)).toBe(true);
  });

  if (!expires) return;

  it('lets it be used until the moment it expires, whether it was tidied up or not', async () => {
    expect(await store.use(EXPIRY)).toBe(false);
    expect(await store.use(LAST_MOMENT)).toBe(true);
  });
}
