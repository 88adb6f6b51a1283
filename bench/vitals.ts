import { monitorEventLoopDelay } from 'node:perf_hooks';

/** What a process can only say of itself. */
export interface Vitals {
  /** Used by what is still needed; undefined unless node was started with --expose-gc. */
  heapBytes: number | undefined;
  /** How late timers were since the last question. */
  loopDelayP50Ms: number;
  loopDelayP99Ms: number;
}

/** Watches from the first question on. */
export function createVitals(): () => Vitals {
  const resolution = 10;
  const delay = monitorEventLoopDelay({ resolution });
  // What is measured are the intervals between timers, each as long as the resolution when nothing is late.
  const late = (percent: number) => Math.max(0, delay.percentile(percent) / 1e6 - resolution);
  return () => {
    delay.enable();
    const said = { loopDelayP50Ms: late(50), loopDelayP99Ms: late(99) };
    const heapBytes = heapAfterCollection();
    // The collection itself is late for every timer.
    delay.reset();
    return { heapBytes, ...said };
  };
}

function heapAfterCollection(): number | undefined {
  if (!globalThis.gc) return undefined;
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}
