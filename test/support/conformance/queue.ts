import type { Connection } from 'mongoose';
import { openStore, type OpenStore } from '../database.ts';
import { NOW } from './one-time-store.ts';
import { race } from './racing.ts';

export const LEASE_MS = 60_000;
const later = (milliseconds: number) => new Date(NOW.getTime() + milliseconds);

export interface Queue {
  put(name: string, at: Date): Promise<void>;
  /** The name of the one that waits longest, for this caller alone; where it is leased, for `LEASE_MS`. */
  take(at: Date): Promise<string | undefined>;
}

export interface QueueConformance {
  open(connection: Connection): Queue;
  /** Whether it comes back unless it is done with before its lease ends. */
  isLeased: boolean;
}

/** Declares the tests that every store passes from which nodes take work. */
export function describeQueue({ open, isLeased }: QueueConformance): void {
  let opened: OpenStore<Queue>;
  let queue: Queue;
  beforeAll(async () => {
    opened = await openStore(open);
    queue = opened.store;
  });
  beforeEach(() => opened.clear());
  afterAll(() => opened.close());

  it('gives nothing out when it is empty', async () => {
    expect(await queue.take(NOW)).toBeUndefined();
  });

  it('gives out what waits longest, and each once', async () => {
    for (const [name, wait] of [
      ['b', 2000],
      ['c', 1000],
      ['a', 3000],
    ] as const)
      await queue.put(name, later(-wait));
    const taken = [await queue.take(NOW), await queue.take(NOW), await queue.take(NOW), await queue.take(NOW)];
    expect(taken).toEqual(['a', 'b', 'c', undefined]);
  });

  it('gives each of thirty to one of fifty on two nodes', async () => {
    const other = await opened.openAgain();
    const names = Array.from({ length: 30 }, (_, index) => `item ${String(index).padStart(2, '0')}`);
    for (const name of names) await queue.put(name, NOW);
    const taken = await race((racer) => (racer % 2 === 0 ? queue : other.store).take(NOW));
    expect(taken.filter((name) => name !== undefined).sort()).toEqual(names);
    await other.database.close();
  });

  if (!isLeased) return;

  it('gives it out again when the lease has ended, and not before', async () => {
    await queue.put('a', NOW);
    expect(await queue.take(NOW)).toBe('a');
    expect(await queue.take(later(LEASE_MS - 1))).toBeUndefined();
    expect(await queue.take(later(LEASE_MS))).toBe('a');
  });
}
