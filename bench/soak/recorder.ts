/** What became of the requests since the last look. */
export interface Recorded {
  latencies: Record<string, number[]>;
  errors: number;
}

export interface Recorder {
  /** Does it and notes how long it took. Rejects as it does. */
  time<T>(name: string, work: () => Promise<T>): Promise<T>;
  fail(error: unknown): void;
  /** What was noted since the last call. */
  take(): Recorded;
  /** The first failures of all, in a sentence each. */
  failures(): string[];
}

const MOST_SHOWN = 5;

export function createRecorder(): Recorder {
  let recorded: Recorded = { latencies: {}, errors: 0 };
  const failures: string[] = [];
  return {
    async time(name, work) {
      const started = performance.now();
      const result = await work();
      (recorded.latencies[name] ??= []).push(performance.now() - started);
      return result;
    },
    fail(error) {
      recorded.errors += 1;
      if (failures.length < MOST_SHOWN) failures.push(error instanceof Error ? error.message : String(error));
    },
    take() {
      const taken = recorded;
      recorded = { latencies: {}, errors: 0 };
      return taken;
    },
    failures: () => failures,
  };
}
