import type { Connection } from 'mongoose';

/**
 * Makes every collection and index that the stores declared. Safe from several nodes at once: the server makes each of
 * them once and tells the others that it is there.
 */
export async function prepareCollections(connection: Connection): Promise<void> {
  await Promise.all(
    Object.values(connection.models).map(async (model) => {
      // Made beforehand, because making one inside a transaction conflicts with every other transaction that tries.
      await model.createCollection();
      await model.createIndexes();
    }),
  );
}
