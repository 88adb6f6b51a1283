import type { Log } from '../http/log.ts';
import { underLease, type Leases } from '../leases/leases.ts';
import type { Task } from '../module.ts';

const LEASE_MS = 60_000;

/** After a start, none waits longer: where nodes live for less than an hour, what is done every hour is done too. */
const FIRST_SECONDS = 60;

export interface TasksOptions {
  tasks: Task[];
  leases: Leases;
  holder: string;
  log: Log;
}

/** Runs the modules' scheduled tasks on a clock: each by one node at a time, or by every node when it says so. */
export function createTasks({ tasks, leases, holder, log }: TasksOptions) {
  const timers = new Map<string, NodeJS.Timeout>();
  const running = new Set<Promise<void>>();
  const stopping = new AbortController();

  const leaseOf = ({ name }: Task) => ({ name, holder, forMs: LEASE_MS, stopping: stopping.signal, log });

  async function runOnce(task: Task): Promise<void> {
    try {
      if (task.onEveryNode) await task.run(stopping.signal);
      else await underLease(leases, leaseOf(task), (signal) => task.run(signal));
    } catch (error) {
      log.error({ err: error, task: task.name }, 'scheduled task failed, will retry');
    }
  }

  /** Never two runs of one scheduled task in this process: the next tick waits for the end of this one. */
  function schedule(task: Task, seconds = task.everySeconds): void {
    const timer = setTimeout(() => {
      const run = runOnce(task).finally(() => {
        running.delete(run);
        if (!stopping.signal.aborted) schedule(task);
      });
      running.add(run);
    }, seconds * 1000).unref();
    timers.set(task.name, timer);
  }

  return {
    start() {
      for (const task of tasks) schedule(task, Math.min(task.everySeconds, FIRST_SECONDS));
    },
    async stop() {
      stopping.abort();
      timers.forEach(clearTimeout);
      await Promise.all(running);
    },
  };
}
