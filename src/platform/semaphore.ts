/** Runs a task when it is its turn. */
export interface Semaphore {
  <T>(task: () => Promise<T>): Promise<T>;
  /** How many run now. */
  running(): number;
  /** How many wait. */
  waiting(): number;
}

/** Runs at most `limit` tasks at once; the others wait in the order in which they came. */
export function createSemaphore(limit: number): Semaphore {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function run<T>(task: () => Promise<T>): Promise<T> {
    if (running >= limit) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  }

  return Object.assign(run, { running: () => running, waiting: () => waiting.length });
}
