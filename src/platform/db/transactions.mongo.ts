import { AsyncLocalStorage } from 'node:async_hooks';
import type { Connection } from 'mongoose';
import type { Transact } from '../transaction.ts';

type Afterwards = () => void | Promise<void>;

const TRANSACTION = { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } } as const;

/** What waits for the commit of the transaction under way, whichever connection it is on. */
const inside = new AsyncLocalStorage<Afterwards[]>();

/**
 * A verb that calls another verb joins its transaction instead of opening a second one beside it. What met another transaction, or
 * another primary, is tried again for `retryMs`; the driver would do so for two minutes, and nobody waits that long for an answer.
 */
export function createTransact(connection: Connection, { retryMs = 15_000 } = {}): Transact {
  async function transact<T>(work: () => Promise<T>, afterwards?: (result: T) => void | Promise<void>): Promise<T> {
    const outer = inside.getStore();
    if (outer) {
      const result = await work();
      if (afterwards) outer.push(() => afterwards(result));
      return result;
    }
    const queue: Afterwards[] = [];
    const latest = performance.now() + retryMs;
    let failure: unknown;
    const result = await inside.run(queue, () =>
      connection.transaction(async () => {
        if (failure !== undefined && performance.now() > latest)
          throw new Error(`A transaction failed for ${retryMs} ms.`, { cause: failure });
        // Another try starts from nothing, also with what is to be done afterwards.
        queue.length = 0;
        return work().catch((error: unknown) => {
          failure = error;
          throw error;
        });
      }, TRANSACTION),
    );
    for (const next of queue) await next();
    await afterwards?.(result);
    return result;
  }

  return Object.assign(transact, { isUnderWay: isInTransaction });
}

/** Runs once what was written is visible to others: now, or after the commit of the transaction under way. */
export function afterCommit(run: () => void): void {
  const queue = inside.getStore();
  if (queue) queue.push(run);
  else run();
}

/** Whether a transaction is under way, which must see what it has written itself. */
export const isInTransaction = (): boolean => inside.getStore() !== undefined;
