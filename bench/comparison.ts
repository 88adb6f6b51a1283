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
    const turns = [
      { server: bare, workers: await begin(0), rounds: [] as Round[] },
      { server: cohort, workers: await begin(1), rounds: [] as Round[] },
    ] as const;
    for (const { workers } of turns) await runClosedLoop(workers, WARM_UP);
    for (let round = 0; round < effort.rounds; round += 1) {
      // Who begins changes too: A B, B A, A B.
      for (const { server, workers, rounds } of round % 2 === 0 ? turns : turns.toReversed()) {
        rounds.push(await playRound(server, workers, effort.length));
      }
    }
    return { operation, bare: turns[0].rounds, cohort: turns[1].rounds };
  } finally {
    for (const http of connections) await http.close();
  }
}

function beginWork(operation: Operation, http: Http, concurrency: number): Promise<Work[]> {
  return Promise.all(people.slice(0, concurrency).map((username) => operation.begin({ http, username })));
}

async function playRound(server: Server, workers: Work[], length: RoundLength): Promise<Round> {
  const closeAccount = await openAccount(server);
  const latencies = await runClosedLoop(workers, length);
  const { serverCpuMs, databaseCpuMs, commands } = await closeAccount();
  const count = latencies.length;
  return {
    operations: count,
    latencyMs: median(latencies),
    serverCpuMs: serverCpuMs / count,
    databaseCpuMs: databaseCpuMs === undefined ? undefined : databaseCpuMs / count,
    commands: Object.fromEntries(Object.entries(commands).map(([name, times]) => [name, times / count])),
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  // Of an even number, the mean of the two in the middle.
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle) - 1]!) / 2;
}
