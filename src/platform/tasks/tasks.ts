import type { Clock } from '../clock.ts';
import type { Log } from '../http/log.ts';
import type { Task } from '../../module.ts';

const LEASE_MS = 60_000;

/** A name that one holder has at a time, until it gives it back or its time runs out. */
export interface Leases {
  /** True when the caller holds it now, also when it held it before. */
  take(name: string, holder: string, now: Date, until: Date): Promise<boolean>;
  giveBack(name: string, holder: string): Promise<void>;
}

export interface TasksOptions {
  tasks: Task[];
  leases: Leases;
  holder: string;
  now: Clock;
  log: Log;
}

/** Runs the modules' scheduled tasks on a clock: each by one node at a time, or by every node when it says so. */
export function createTasks({ tasks, leases, holder, now, log }: TasksOptions) {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  async function runUnderLease(task: Task): Promise<void> {
    const renew = () => leases.take(task.name, holder, now(), new Date(now().getTime() + LEASE_MS));
    if (!(await renew())) return;
    const heartbeat = setInterval(() => void renew().catch(() => {}), LEASE_MS / 3);
    try {
      await task.run(stopping.signal);
    } finally {
      clearInterval(heartbeat);
    }
    await leases.giveBack(task.name, holder);
  }

  async function runOnce(task: Task): Promise<void> {
    try {
      await (task.onEveryNode ? task.run(stopping.signal) : runUnderLease(task));
    } catch (error) {
      log.error({ err: error, task: task.name }, 'scheduled task failed, will retry');
    }
  }

  /** Never two runs of one scheduled task in this process: the next tick waits for the end of this one. */
  function schedule(task: Task): void {
    const timer = setTimeout(() => {
      const run = runOnce(task).finally(() => {
        running.delete(run);
        if (!stopping.signal.aborted) schedule(task);
      });
      running.add(run);
    }, task.everySeconds * 1000).unref();
    timers.set(task.name, timer);
  }

  return {
    start: () => tasks.forEach(schedule),
    async stop() {
      stopping.abort();
      timers.forEach(clearTimeout);
      await Promise.all(running);
    },
  };
}
