import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { SealingKey } from './base/boxes.ts';

/** What the first process tells each worker when it starts; never by the environment, which other processes can read. */
export interface Assignment {
  uri: string;
  sealingKeys: { id: string; key: string }[];
}

type ToPrimary = { ask: 'assignment' } | { ask: 'metrics'; request: number };
type ToWorker = { assignment: Assignment } | { metrics: string; request: number };

/** Runs `count` workers that share the port, replaces one that dies, and answers what they ask. */
export function runWorkers(count: number, assignment: Assignment, onDeath: (worker: Worker) => void) {
  const aggregator = new AggregatorRegistry();
  let stopping = false;

  cluster.on('message', (worker, message: ToPrimary) => {
    const tell = (reply: ToWorker) => void (worker.isConnected() && worker.send(reply));
    if (message.ask === 'assignment') tell({ assignment });
    if (message.ask !== 'metrics') return;
    // A worker that is just dying keeps the others from being counted; the scraper comes again.
    const answer = (metrics: string) => tell({ metrics, request: message.request });
    aggregator.clusterMetrics().then(answer, () => answer(''));
  });
  cluster.on('exit', (worker) => {
    if (stopping) return;
    onDeath(worker);
    cluster.fork();
  });
  for (let i = 0; i < count; i += 1) cluster.fork();

  return {
    /** Resolves when every worker serves. */
    async listening(): Promise<void> {
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      await Promise.all(workers.map((worker) => new Promise((resolve) => worker.once('listening', resolve))));
    },

    async stop(): Promise<void> {
      stopping = true;
      const workers = Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);
      await Promise.all(
        workers.map((worker) => {
          const gone = new Promise((resolve) => worker.once('exit', resolve));
          worker.process.kill('SIGTERM');
          return gone;
        }),
      );
    },
  };
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

/** In a worker: lets the first process collect `registry`, and asks it for the metrics of all workers together. */
export function shareMetrics(registry: Registry): () => Promise<string> {
  // Made for its side effect: it listens for the first process's questions.
  new AggregatorRegistry();
  AggregatorRegistry.setRegistries([registry]);
  const waiting = new Map<number, (metrics: string) => void>();
  let count = 0;
  process.on('message', (message: ToWorker) => {
    if (!('metrics' in message)) return;
    waiting.get(message.request)?.(message.metrics);
    waiting.delete(message.request);
  });
  return () =>
    new Promise((resolve) => {
      count += 1;
      waiting.set(count, resolve);
      process.send!({ ask: 'metrics', request: count } satisfies ToPrimary);
    });
}
