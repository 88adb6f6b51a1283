import type { Clock } from '../base/clock.ts';
import type { Log } from '../http/log.ts';
import type { Job } from '../room.ts';

const LEASE_MS = 60_000;

/** A name that one holder has at a time, until it gives it back or its time runs out. */
export interface Leases {
  /** True when the caller holds it now, also when it held it before. */
  take(name: string, holder: string, now: Date, until: Date): Promise<boolean>;
  giveBack(name: string, holder: string): Promise<void>;
}

export interface JobsOptions {
  jobs: Job[];
  leases: Leases;
  holder: string;
  now: Clock;
  log: Log;
}

/** Runs the rooms' background jobs, each by one node at a time. */
export function createJobs({ jobs, leases, holder, now, log }: JobsOptions) {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();

  async function runOnce(job: Job): Promise<void> {
    const renew = () => leases.take(job.name, holder, now(), new Date(now().getTime() + LEASE_MS));
    try {
      if (!(await renew())) return;
      const heartbeat = setInterval(() => void renew().catch(() => {}), LEASE_MS / 3);
      try {
        await job.run();
      } finally {
        clearInterval(heartbeat);
      }
      await leases.giveBack(job.name, holder);
    } catch (error) {
      log.error({ err: error, job: job.name }, 'a job failed and will be tried again');
    }
  }

  /** Never two runs of one job in this process: the next tick waits for the end of this one. */
  function schedule(job: Job): void {
    const timer = setTimeout(() => {
      const run = runOnce(job).finally(() => {
        running.delete(run);
        if (!stopped) schedule(job);
      });
      running.add(run);
    }, job.everySeconds * 1000).unref();
    timers.set(job.name, timer);
  }

  let stopped = false;

  return {
    start: () => jobs.forEach(schedule),
    async stop() {
      stopped = true;
      timers.forEach(clearTimeout);
      await Promise.all(running);
    },
  };
}
