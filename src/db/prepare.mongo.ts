import type { Connection, Model } from 'mongoose';
import { createSemaphore } from '../base/semaphore.ts';

/** More at once would queue for the server's catalogue until the connection pool gives up. */
const AT_ONCE = 4;

/**
 * Makes every collection and index that the stores declared. Safe from several nodes at once: the server makes each of
 * them once and tells the others that it is there.
 */
export async function prepareCollections(connection: Connection): Promise<void> {
  const inTurn = createSemaphore(AT_ONCE);
  const prepare = (model: Model<unknown>) =>
    inTurn(async () => {
      // Made beforehand, because making one inside a transaction conflicts with every other transaction that tries.
      await model.createCollection();
      await model.createIndexes();
    });
  await Promise.all(Object.values(connection.models).map(prepare));
}
