import type { CleanUps } from './clean-up.ts';
import { beginWork, playRound, type Side } from './comparison.ts';
import { createHttp } from './http.ts';
import { runClosedLoop } from './load.ts';
import { everyOperation } from './operations/all.ts';
import type { Operation } from './operations/operation.ts';
import type { Server } from './servers.ts';
import { startCohort } from './starts.ts';

/** The most database commands for one operation, when everything that it reads has been asked for before. */
const MOST_COMMANDS: Record<string, number> = {
  'client-credentials': 0,
  'code-flow': 2,
  refresh: 0,
  'refresh-rotating': 1,
  userinfo: 0,
  'userinfo: once': 0,
  introspection: 0,
  'introspection: once': 0,
  'sign-in': 9,
  jwks: 0,
  discovery: 0,
  'group: create': 3,
  'group: read, 304': 0,
  'member: add': 4,
  'members: page of 100': 2,
  'userinfo, 0 groups': 0,
  'userinfo, 1,000 groups': 0,
  'userinfo, 10,000 groups': 0,
  'refresh, 0 groups': 0,
  'refresh, 1,000 groups': 0,
  'refresh, 10,000 groups': 0,
};

/** Transactions that met another are tried again. */
const TOLERANCE = 0.5;

/** What the change feed writes in the same time, whatever the operation. */
const MARKS_PER_SECOND = 4;

/** On a busy machine the change feed may be late, so that memory does not count for a while; then another round is played. */
const MOST_ROUNDS = 3;

const CONCURRENCY = 4;
const LENGTH = { operations: 40 };
const WARM_UP = { operations: 20, seconds: 2 };

/** Fails for wrong answers, and for more database commands than an operation needs: a count, so that it is the same on every machine. */
export async function check(cleanUps: CleanUps): Promise<void> {
  const server = await startCohort({ cleanUps });
  const tooMany: string[] = [];
  for (const operation of everyOperation) {
    const most = MOST_COMMANDS[operation.name];
    if (most === undefined) throw new Error(`Nobody has said how many commands ${operation.name} may need.`);
    const found = await commandsOf(operation, server, most + TOLERANCE);
    const isTooMany = found > most + TOLERANCE;
    console.log(`${operation.name.padEnd(24)} ${found.toFixed(1)} database commands, at most ${most}`);
    if (isTooMany) tooMany.push(operation.name);
  }
  if (tooMany.length > 0) throw new Error(`Too many database commands: ${tooMany.join(', ')}`);
}

/** Of one operation, without the marks: the fewest of some rounds, if the first needs more than expected. */
async function commandsOf(operation: Operation, server: Server, expected: number): Promise<number> {
  const http = createHttp(server.ready.origin, CONCURRENCY);
  try {
    const side: Side = { server, workers: await beginWork({ operation, server, http }, CONCURRENCY) };
    await runClosedLoop(side.workers, WARM_UP);
    let fewest = Infinity;
    for (let round = 0; round < MOST_ROUNDS && fewest > expected; round += 1) {
      const { commands, perSecond } = await playRound(server, side.workers, LENGTH);
      const all = Object.values(commands).reduce((sum, times) => sum + times, 0);
      fewest = Math.min(fewest, Math.max(0, all - MARKS_PER_SECOND / perSecond));
    }
    return fewest;
  } finally {
    await http.close();
  }
}
