import type { Clock } from '../clock.ts';
import type { Log } from '../http/log.ts';
import type { Chore } from '../../module.ts';

const LEASE_MS = 60_000;

/** A name that one holder has at a time, until it gives it back or its time runs out. */
export interface Leases {
  /** True when the caller holds it now, also when it held it before. */
  take(name: string, holder: string, now: Date, until: Date): Promise<boolean>;
  giveBack(name: string, holder: string): Promise<void>;
}

export interface ChoresOptions {
  chores: Chore[];
  leases: Leases;
  holder: string;
  now: Clock;
  log: Log;
}

/** Runs the modules' scheduled tasks on a clock: each by one node at a time, or by every node when it says so. */
export function createChores({ chores, leases, holder, now, log }: ChoresOptions) {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function runUnderLease(chore: Chore): Promise<void> {
    const renew = () => leases.take(chore.name, holder, now(), new Date(now().getTime() + LEASE_MS));
    if (!(await renew())) return;
    const heartbeat = setInterval(() => void renew().catch(() => {}), LEASE_MS / 3);
    try {
      await chore.run(stopping.signal);
    } finally {
      clearInterval(heartbeat);
    }
    await leases.giveBack(chore.name, holder);
  }

  async function runOnce(chore: Chore): Promise<void> {
    try {
      await (chore.onEveryNode ? chore.run(stopping.signal) : runUnderLease(chore));
    } catch (error) {
      log.error({ err: error, chore: chore.name }, 'scheduled task failed, will retry');
    }
  }

  /** Never two runs of one scheduled task in this process: the next tick waits for the end of this one. */
  function schedule(chore: Chore): void {
    const timer = setTimeout(() => {
      const run = runOnce(chore).finally(() => {
        running.delete(run);
        if (!stopping.signal.aborted) schedule(chore);
      });
      running.add(run);
    }, chore.everySeconds * 1000).unref();
    timers.set(chore.name, timer);
  }

  return {
    start: () => chores.forEach(schedule),
    async stop() {
      stopping.abort();
      timers.forEach(clearTimeout);
      await Promise.all(running);
    },
  };
}
