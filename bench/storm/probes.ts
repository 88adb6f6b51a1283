import { setTimeout as sleep } from 'node:timers/promises';
import type { Work } from '../load.ts';
import type { Operation, Worker } from '../operations/operation.ts';
import { tokenOperations } from '../operations/tokens.ts';

/** What applications go on asking for while users sign in. */
const PROBED = ['client-credentials', 'refresh', 'userinfo'];

/** Between two requests of a probe, so that the probes themselves are no load. */
const PAUSE_MS = 20;

export interface Probe {
  name: string;
  work: Work;
}

export function beginProbes(worker: Worker): Promise<Probe[]> {
  const probed = tokenOperations.filter(({ name }) => PROBED.includes(name));
  return Promise.all(probed.map((operation) => beginProbe(operation, worker)));
}

const beginProbe = async (operation: Operation, worker: Worker): Promise<Probe> => ({
  name: operation.name,
  work: await operation.begin(worker),
});

/** The milliseconds of each request of each probe, in their order, until something is over. */
export function probeDuring(probes: Probe[], something: Promise<unknown>): Promise<number[][]> {
  let isOver = false;
  const over = () => void (isOver = true);
  something.then(over, over);
  return Promise.all(
    probes.map(async ({ work }) => {
      const latencies: number[] = [];
      while (!isOver) {
        const started = performance.now();
        await work();
        latencies.push(performance.now() - started);
        await sleep(PAUSE_MS);
      }
      return latencies;
    }),
  );
}
