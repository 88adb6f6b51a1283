import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry, type Registry } from 'prom-client';
import type { ChangeRelay, ChangeSource } from '../platform/db/change-source.ts';
import type { EncryptionKey } from '../platform/encryption.ts';
import { createChangeRelay, createRelayedChanges, type News } from './change-relay.ts';

/** What the first process tells each worker when it starts; never by the environment, which other processes can read. */
export interface Assignment {
  uri: string;
  encryptionKeys: { id: string; key: string }[];
}

/** What workers ask while they serve. */
interface Answers {
  metrics: string;
  isDatabaseLost: boolean;
}

type Question = keyof Answers;

type ToPrimary = { ask: 'assignment' } | { ask: 'proof' } | { ask: Question; request: number };
type ToWorker =
  { assignment: Assignment } | { news: News[] } | { answer: Answers[Question]; request: number } | { stop: true };

const FIRST_DELAY_MS = 500;
const LONGEST_DELAY_MS = 30_000;

export interface WorkersOptions {
  count: number;
  /** Tells them what changes, so that one change stream serves all. */
  relay: WorkersRelay;
  assignment: Assignment;
  isDatabaseLost(): boolean;
  onDeath(worker: Worker): void;
}

export type WorkersRelay = ChangeRelay & { ask(): void };

/** Tells all workers. */
export const relayToWorkers = (): WorkersRelay =>
  createChangeRelay((news) => aliveWorkers().forEach((worker) => tell(worker, { news })));

/** In a worker: what the first process tells of changes. */
export const changesFromPrimary = (): ChangeSource =>
  createRelayedChanges({
    listen(hear) {
      const onMessage = (message: ToWorker) => {
        if ('news' in message) hear(message.news);
      };
      process.on('message', onMessage);
      return () => void process.off('message', onMessage);
    },
    // It may just have ended; then this process ends as well.
    askForProof: () => void process.send!({ ask: 'proof' } satisfies ToPrimary, undefined, undefined, () => {}),
  });

/** Runs `count` workers that share the port, replaces those that die, and answers what they ask. */
export function runWorkers({ count, relay, assignment, isDatabaseLost, onDeath }: WorkersOptions) {
  const aggregator = new AggregatorRegistry();
  let stopping = false;
  let delay = FIRST_DELAY_MS;
  let failStart: (error: Error) => void = () => {};

  // A message to a worker that has just been killed; its exit is dealt with below.
  cluster.on('fork', (worker) => worker.on('error', () => {}));
  cluster.on('message', (worker, message: ToPrimary) => {
    if (message.ask === 'assignment') return tell(worker, { assignment });
    if (message.ask === 'proof') return relay.ask();
    const { request } = message;
    const reply = (answer: Answers[Question]) => tell(worker, { answer, request });
    if (message.ask === 'isDatabaseLost') return reply(isDatabaseLost());
    // Everything else that workers send is for other listeners, such as the aggregator's own.
    if (message.ask !== 'metrics') return;
    // A worker that is just dying keeps the others from being counted; the scraper comes again.
    aggregator.clusterMetrics().then(reply, () => reply(''));
  });
  cluster.on('listening', () => void (delay = FIRST_DELAY_MS));
  cluster.on('exit', (worker) => {
    if (stopping) return;
    onDeath(worker);
    failStart(new Error('A worker exited before it was ready. See its messages above.'));
    // Ever more slowly, so that one that cannot start does not keep the machine busy with dying.
    setTimeout(() => stopping || cluster.fork(), delay).unref();
    delay = Math.min(delay * 2, LONGEST_DELAY_MS);
  });
  for (let i = 0; i < count; i += 1) cluster.fork();

  /** Resolves when every worker serves; rejects when one of them cannot. */
  async function listening(): Promise<void> {
    const failed = new Promise<never>((_resolve, reject) => void (failStart = reject));
    const all = Promise.all(
      aliveWorkers().map((worker) => new Promise((resolve) => worker.once('listening', resolve))),
    );
    try {
      await Promise.race([all, failed]);
    } finally {
      failStart = () => {};
    }
  }

  async function stop(): Promise<void> {
    stopping = true;
    await Promise.all(
      aliveWorkers().map((worker) => {
        const gone = new Promise((resolve) => worker.once('exit', resolve));
        tell(worker, { stop: true });
        return gone;
      }),
    );
  }

  return { listening, stop };
}

const aliveWorkers = () => Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {});
}

/**
 * In a worker: calls `stop` when the primary process says so or has ended. Signals are left to the primary process,
 * because a terminal sends them to all at once, and a worker must not take the second one for a request to stop
 * immediately.
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
export function askAssignment(): Promise<{ uri: string; encryptionKeys: EncryptionKey[] }> {
  return new Promise((resolve) => {
    const hear = (message: ToWorker) => {
      if (!('assignment' in message)) return;
      process.off('message', hear);
      const { uri, encryptionKeys } = message.assignment;
      resolve({ uri, encryptionKeys: encryptionKeys.map(({ id, key }) => ({ id, key: Buffer.from(key, 'base64') })) });
    };
    process.on('message', hear);
    process.send!({ ask: 'assignment' } satisfies ToPrimary);
  });
}

export type AskPrimary = <Q extends Question>(ask: Q) => Promise<Answers[Q]>;

/** In a worker: how to ask the first process. */
export function questionsToPrimary(): AskPrimary {
  const waiting = new Map<number, (answer: Answers[Question]) => void>();
  let count = 0;
  process.on('message', (message: ToWorker) => {
    if (!('request' in message)) return;
    waiting.get(message.request)?.(message.answer);
    waiting.delete(message.request);
  });
  return <Q extends Question>(ask: Q) =>
    new Promise<Answers[Q]>((resolve) => {
      count += 1;
      // A cast, because the answer comes with the number of the question.
      waiting.set(count, resolve as (answer: Answers[Question]) => void);
      process.send!({ ask, request: count } satisfies ToPrimary);
    });
}

/** In a worker: lets the first process collect a registry, the last one given, and asks it for the metrics of all workers together. */
export function shareMetrics(ask: AskPrimary): (registry: Registry) => () => Promise<string> {
  // Made for its side effect: it listens for the first process's questions.
  new AggregatorRegistry();
  return (registry) => {
    AggregatorRegistry.setRegistries([registry]);
    return () => ask('metrics');
  };
}
