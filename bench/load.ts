/** One operation from its first request to its last answer, which it has checked. Rejects at a wrong answer. */
export type Work = () => Promise<void>;

/** When a round is over: after so many seconds or so many operations, whichever is first. */
export interface RoundLength {
  seconds?: number | undefined;
  operations?: number | undefined;
}

/**
 * Runs the workers in a closed loop: each begins its next operation when its last one is done, so there are never more
 * under way than there are workers. Returns how long each operation took, in milliseconds.
 */
export async function runClosedLoop(
  workers: Work[],
  { seconds = Infinity, operations = Infinity }: RoundLength,
): Promise<number[]> {
  const latencies: number[] = [];
  const deadline = performance.now() + seconds * 1000;
  let begun = 0;
  let failed = false;

  async function loop(work: Work): Promise<void> {
    for (;;) {
      const start = performance.now();
      if (failed || begun >= operations || start >= deadline) return;
      begun += 1;
      await work();
      latencies.push(performance.now() - start);
    }
  }

  try {
    await Promise.all(workers.map(loop));
  } finally {
    failed = true;
  }
  return latencies;
}
