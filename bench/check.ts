import type { CleanUps } from './clean-up.ts';
import { beginWork, playRound, type Side } from './comparison.ts';
import { createHttp } from './http.ts';
import { runClosedLoop } from './load.ts';
import { operations, type Operation } from './operations.ts';
import { startCohort, type Server } from './servers.ts';

/** The most database commands for one operation, when everything that it reads has been asked for before. */
const MOST_COMMANDS: Record<string, number> = {
  'client-credentials': 0,
  'code-flow': 2,
  refresh: 0,
  userinfo: 0,
  introspection: 0,
  jwks: 0,
  'sign-in': 23,
};

/** The change feed writes some marks in the same time. */
const TOLERANCE = 0.5;

const CONCURRENCY = 4;
const LENGTH = { operations: 40 };
const WARM_UP = { operations: 20, seconds: 2 };

/** Fails for wrong answers, and for more database commands than an operation needs: a count, so that it is the same on every machine. */
export async function check(cleanUps: CleanUps): Promise<void> {
  const server = await startCohort(cleanUps);
  const tooMany: string[] = [];
  for (const operation of operations) {
    const found = await commandsOf(operation, server);
    const most = MOST_COMMANDS[operation.name];
    if (most === undefined) throw new Error(`Nobody has said how many commands ${operation.name} may need.`);
    const isTooMany = found > most + TOLERANCE;
    console.log(`${operation.name.padEnd(20)} ${found.toFixed(1)} database commands, at most ${most}`);
    if (isTooMany) tooMany.push(operation.name);
  }
  if (tooMany.length > 0) throw new Error(`Too many database commands: ${tooMany.join(', ')}`);
}

async function commandsOf(operation: Operation, server: Server): Promise<number> {
  const http = createHttp(server.ready.origin, CONCURRENCY);
  try {
    const side: Side = { server, workers: await beginWork(operation, http, CONCURRENCY) };
    await runClosedLoop(side.workers, WARM_UP);
    const { commands } = await playRound(server, side.workers, LENGTH);
    return Object.values(commands).reduce((sum, times) => sum + times, 0);
  } finally {
    await http.close();
  }
}
