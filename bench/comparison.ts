import { openAccount } from './accounting.ts';
import { createHttp, type Http } from './http.ts';
import { runClosedLoop, type RoundLength, type Work } from './load.ts';
import type { Operation } from './operations.ts';
import { people } from './sample.ts';
import type { Server } from './servers.ts';

/** What one round at one server came to. */
export interface Round {
  operations: number;
  /** The median of the round's operations. */
  latencyMs: number;
  /** For one operation, as all that follows. */
  serverCpuMs: number;
  databaseCpuMs: number | undefined;
  commands: Record<string, number>;
  /** Entries of indexes and documents that the database looked at. */
  keys: number;
  documents: number;
}

/** The rounds of one operation: as many at the one server as at the other, in turns. */
export interface Comparison {
  operation: Operation;
  bare: Round[];
  cohort: Round[];
}

export interface Effort {
  rounds: number;
  length: RoundLength;
  concurrency: number;
}

/** By operations, so that the slower server gets as much practice as the quicker one. */
const WARM_UP: RoundLength = { operations: 250, seconds: 2 };

interface Pair {
  bare: Server;
  cohort: Server;
}

/** Loads both servers with one operation, in turns, so that whatever else the machine does hits both alike. */
export async function compare(operation: Operation, { bare, cohort }: Pair, effort: Effort): Promise<Comparison> {
  const connections = [bare, cohort].map(({ ready }) => createHttp(ready.origin, effort.concurrency));
  try {
    const begin = (index: number) => beginWork(operation, connections[index]!, effort.concurrency);
    const sides = [
      { server: bare, workers: await begin(0) },
      { server: cohort, workers: await begin(1) },
    ] as const;
    const [roundsOfBare, roundsOfCohort] = await alternate(sides, effort, WARM_UP);
    return { operation, bare: roundsOfBare, cohort: roundsOfCohort };
  } finally {
    for (const http of connections) await http.close();
  }
}

/** A server and the workers that load it. */
export interface Side {
  server: Server;
  workers: Work[];
}

/** The rounds of either side: both are warmed up, then loaded in turns. */
export async function alternate(
  sides: readonly [Side, Side],
  { rounds, length }: Pick<Effort, 'rounds' | 'length'>,
  warmUp: RoundLength,
): Promise<[Round[], Round[]]> {
  const played: [Round[], Round[]] = [[], []];
  for (const { workers } of sides) await runClosedLoop(workers, warmUp);
  for (let round = 0; round < rounds; round += 1) {
    // Who begins changes too: A B, B A, A B.
    for (const index of round % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)) {
      const { server, workers } = sides[index];
      played[index].push(await playRound(server, workers, length));
    }
  }
  return played;
}

export function beginWork(operation: Operation, http: Http, concurrency: number): Promise<Work[]> {
  return Promise.all(people.slice(0, concurrency).map((username) => operation.begin({ http, username })));
}

export async function playRound(server: Server, workers: Work[], length: RoundLength): Promise<Round> {
  const closeAccount = await openAccount(server);
  const latencies = await runClosedLoop(workers, length);
  const { serverCpuMs, databaseCpuMs, commands, keys, documents } = await closeAccount();
  const count = latencies.length;
  return {
    operations: count,
    latencyMs: median(latencies),
    serverCpuMs: serverCpuMs / count,
    databaseCpuMs: databaseCpuMs === undefined ? undefined : databaseCpuMs / count,
    commands: Object.fromEntries(Object.entries(commands).map(([name, times]) => [name, times / count])),
    keys: keys / count,
    documents: documents / count,
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  // Of an even number, the mean of the two in the middle.
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
