import { openAccount } from './accounting.ts';
import { createHttp, type Http } from './http.ts';
import { runClosedLoop, type RoundLength, type Work } from './load.ts';
import type { Operation } from './operations/operation.ts';
import { median, percentile } from './quantiles.ts';
import { people } from './sample.ts';
import type { Server } from './servers.ts';

/** What one round at one server came to. */
export interface Round {
  operations: number;
  perSecond: number;
  /** The median of the round's operations. */
  latencyMs: number;
  p99Ms: number;
  /** For one operation, as all that follows but memory. */
  serverCpuMs: number;
  databaseCpuMs: number | undefined;
  commands: Record<string, number>;
  /** Entries of indexes and documents that the database looked at. */
  keys: number;
  documents: number;
  /** Of the server, at the end of the round; undefined where there is no /proc. */
  residentBytes: number | undefined;
  /** The most that there ever was. */
  peakBytes: number | undefined;
}

/** An operation at a server, under the name that tells it from the others of its comparison. */
export interface Entry {
  label: string;
  server: Server;
  operation: Operation;
}

/** Operations that are measured in turns; the first is what the others are divided by. */
export interface Contest {
  name: string;
  entries: Entry[];
}

export interface PlayedEntry {
  label: string;
  server: string;
  rounds: Round[];
}

/** As many rounds of each entry. */
export interface Comparison {
  name: string;
  entries: PlayedEntry[];
}

export interface Effort {
  rounds: number;
  length: RoundLength;
  concurrency: number;
}

/** Loads all entries in turns, so that whatever else the machine does hits all alike. */
export async function compare({ name, entries }: Contest, effort: Effort): Promise<Comparison> {
  const connections = entries.map(({ server }) => createHttp(server.ready.origin, effort.concurrency));
  try {
    const sides: Side[] = [];
    for (const [index, { server, operation }] of entries.entries()) {
      await server.prepare(operation.name);
      const workers = await beginWork({ operation, server, http: connections[index]! }, effort.concurrency);
      sides.push({ server, workers });
    }
    const played = await alternate(sides, effort);
    return {
      name,
      entries: entries.map(({ label, server }, index) => ({ label, server: server.name, rounds: played[index]! })),
    };
  } finally {
    for (const http of connections) await http.close();
  }
}

/** A server and the workers that load it. */
export interface Side {
  server: Server;
  workers: Work[];
}

/** The rounds of each side: all are warmed up, then loaded in turns. */
export async function alternate(
  sides: readonly Side[],
  { rounds, length }: Pick<Effort, 'rounds' | 'length'>,
): Promise<Round[][]> {
  const played: Round[][] = sides.map(() => []);
  for (const { server, workers } of sides) await runClosedLoop(workers, server.warmUp);
  const forward = [...sides.keys()];
  for (let round = 0; round < rounds; round += 1) {
    // Who begins changes too: A B C, C B A, A B C.
    for (const index of round % 2 === 0 ? forward : forward.toReversed()) {
      const { server, workers } = sides[index]!;
      played[index]!.push(await playRound(server, workers, length));
    }
  }
  return played;
}

interface Task {
  operation: Operation;
  server: Server;
  http: Http;
}

export function beginWork({ operation, server, http }: Task, concurrency: number): Promise<Work[]> {
  const { product } = server;
  return Promise.all(people.slice(0, concurrency).map((username) => operation.begin({ http, product, username })));
}

export async function playRound(server: Server, workers: Work[], length: RoundLength): Promise<Round> {
  const closeAccount = await openAccount(server);
  const started = performance.now();
  const latencies = await runClosedLoop(workers, length);
  const seconds = (performance.now() - started) / 1000;
  const { serverCpuMs, databaseCpuMs, commands, keys, documents, residentBytes, peakBytes } = await closeAccount();
  const count = latencies.length;
  return {
    operations: count,
    perSecond: count / seconds,
    latencyMs: median(latencies),
    p99Ms: percentile(latencies, 0.99),
    serverCpuMs: serverCpuMs / count,
    databaseCpuMs: databaseCpuMs === undefined ? undefined : databaseCpuMs / count,
    commands: Object.fromEntries(Object.entries(commands).map(([name, times]) => [name, times / count])),
    keys: keys / count,
    documents: documents / count,
    residentBytes,
    peakBytes,
  };
}
