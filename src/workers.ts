import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { SealingKey } from './base/boxes.ts';

/** What the first process tells each worker when it starts; never by the environment, which other processes can read. */
export interface Assignment {
  uri: string;
  sealingKeys: { id: string; key: string }[];
}

type ToPrimary = { ask: 'assignment' } | { ask: 'metrics'; request: number };
type ToWorker = { assignment: Assignment } | { metrics: string; request: number } | { stop: true };

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

/** Runs `count` workers that share the port, replaces those that die, and answers what they ask. */
export function runWorkers(count: number, assignment: Assignment, onDeath: (worker: Worker) => void) {
  const aggregator = new AggregatorRegistry();
  let stopping = false;
  let delay = FIRST_DELAY_MS;
  let failStart: (error: Error) => void = () => {};

  cluster.on('message', (worker, message: ToPrimary) => {
    if (message.ask === 'assignment') tell(worker, { assignment });
    if (message.ask !== 'metrics') return;
    // A worker that is just dying keeps the others from being counted; the scraper comes again.
    const answer = (metrics: string) => tell(worker, { metrics, request: message.request });
    aggregator.clusterMetrics().then(answer, () => answer(''));
  });
  cluster.on('listening', () => void (delay = FIRST_DELAY_MS));
  cluster.on('exit', (worker) => {
    if (stopping) return;
    onDeath(worker);
    failStart(new Error('A worker ended before it could serve; its own words are above.'));
    // Ever more slowly, so that one that cannot start does not keep the machine busy with dying.
    setTimeout(() => stopping || cluster.fork(), delay).unref();
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  });
  for (let i = 0; i < count; i += 1) cluster.fork();

  const alive = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

  /** Resolves when every worker serves; rejects when one of them cannot. */
  async function listening(): Promise<void> {
    const failed = new Promise<never>((_resolve, reject) => void (failStart = reject));
    const all = Promise.all(alive().map((worker) => new Promise((resolve) => worker.once('listening', resolve))));
    try {
      await Promise.race([all, failed]);
    } finally {
      failStart = () => {};
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    await Promise.all(
      alive().map((worker) => {
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        tell(worker, { stop: true });
        return gone;
      }),
    );
  }

  return { listening, stop };
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}

/**
 * In a worker: calls `stop` when the first process says so or is gone. Signals are left to the first process, because a
 * terminal sends them to all at once, and a worker must not take the second one for somebody in a hurry.
 */
export function stopWhenTold(stop: () => void): void {
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => {});
  process.once('disconnect', stop);
  process.on('message', (message: ToWorker) => {
    if ('stop' in message) stop();
  });
}

/** In a worker: what the first process has for it. */
export function askAssignment(): Promise<{ uri: string; sealingKeys: SealingKey[] }> {
  return new Promise((resolve) => {
    const hear = (message: ToWorker) => {
      if (!('assignment' in message)) return;
      process.off('message', hear);
      const { uri, sealingKeys } = message.assignment;
      resolve({ uri, sealingKeys: sealingKeys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })) });
    };
    process.on('message', hear);
    process.send!({ ask: 'assignment' } satisfies ToPrimary);
  });
}

/** In a worker: lets the first process collect a registry, the last one given, and asks it for the metrics of all workers together. */
export function shareMetrics(): (registry: Registry) => () => Promise<string> {
  // Made for its side effect: it listens for the first process's questions.
  new AggregatorRegistry();
  const waiting = new Map<number, (metrics: string) => void>();
  let count = 0;
  process.on('message', (message: ToWorker) => {
    if (!('metrics' in message)) return;
    waiting.get(message.request)?.(message.metrics);
    waiting.delete(message.request);
  });
  const ask = () =>
    new Promise<string>((resolve) => {
      count += 1;
      waiting.set(count, resolve);
      process.send!({ ask: 'metrics', request: count } satisfies ToPrimary);
    });
  return (registry) => {
    AggregatorRegistry.setRegistries([registry]);
    return ask;
  };
}
