import { performance } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

const LOOK_MS = 2000;

/** A process without requests is busy for less than this part of the time: its scheduled tasks ask the database every second. */
const IDLE = 0.2;

/**
 * Collects what the start has left as soon as the process has nothing to do, and lets the space for new objects begin small again. By
 * itself V8 keeps it at the 64 MB to which loading modules has made it grow, and an idle process fills them within minutes. It
 * grows again under load. A busy process is left alone: this takes a tenth of a second.
 */
export function collectStartGarbage({ lookMs = LOOK_MS } = {}): void {
  let before = performance.eventLoopUtilization();
  const looking = setInterval(() => {
    const { utilization } = performance.eventLoopUtilization(before);
    before = performance.eventLoopUtilization();
    if (utilization > IDLE) return;
    clearInterval(looking);
    collectAll();
  }, lookMs).unref();
}

function collectAll(): void {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as (options: { type: 'major'; flavor: 'last-resort' }) => void;
  setFlagsFromString('--no-expose-gc');
  collect({ type: 'major', flavor: 'last-resort' });
}
