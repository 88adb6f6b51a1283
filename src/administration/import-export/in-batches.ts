/** Gathers what comes one by one; the last batch may be smaller. */
export async function* inBatches<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let batch: T[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** The first of those batches, and no look at what comes after it. */
export async function firstBatch<T>(items: AsyncIterable<T>, size: number): Promise<T[]> {
  for await (const batch of inBatches(items, size)) return batch;
  return [];
}
