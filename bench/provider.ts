import { writeFile } from 'node:fs/promises';
import { compare, type Comparison, type Effort } from './comparison.ts';
import { showProgress } from './progress-line.ts';
import { operations, type Operation } from './operations.ts';
import { describeRun, EXPLANATION, machineFacts, toProviderTable, toRow } from './report.ts';
import { startCohort, startServer, type Server } from './servers.ts';
import type { CleanUps } from './clean-up.ts';

export interface ProviderBenchOptions {
  effort: Effort;
  /** Names of operations; all of them when undefined. */
  only: string[] | undefined;
  /** A file for every figure, as JSON. */
  json: string | undefined;
  /** A folder for a CPU profile of each server. */
  cpuProfile: string | undefined;
}

/** Compares Cohort with a bare provider, operation by operation, and prints the table. @throws WrongAnswer */
export async function benchProvider(options: ProviderBenchOptions, cleanUps: CleanUps): Promise<void> {
  const chosen = choose(options.only);
  const facts = machineFacts();
  const servers = await startServers(options.cpuProfile, cleanUps);
  const database = servers.cohort.ready.database ?? 'unknown';
  console.log(`${describeRun({ ...facts, database }, options.effort)}\n`);
  const comparisons: Comparison[] = [];
  for (const operation of chosen) {
    comparisons.push(await compare(operation, servers, options.effort));
    showProgress(`${comparisons.length} of ${chosen.length} operations done`);
  }
  showProgress('');
  const rows = comparisons.map(toRow);
  console.log(`${toProviderTable(rows)}\n\n${EXPLANATION}`);
  if (options.json) {
    const report = { machine: { ...facts, database }, effort: options.effort, rows, rounds: comparisons };
    await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`);
  }
}

function choose(only: string[] | undefined): Operation[] {
  const unknown = only?.filter((name) => !operations.some((operation) => operation.name === name)) ?? [];
  if (unknown.length === 0) return operations.filter(({ name }) => only?.includes(name) ?? true);
  const known = operations.map(({ name, about }) => `  ${name.padEnd(20)} ${about}`).join('\n');
  throw new Error(`There is no operation named ${unknown.join(', ')}. There are:\n${known}`);
}

async function startServers(
  profileIn: string | undefined,
  cleanUps: CleanUps,
): Promise<{ bare: Server; cohort: Server }> {
  const bare = await startServer({ name: 'bare', script: 'bare-provider.ts', profileIn, onStart: cleanUps.add });
  return { bare, cohort: await startCohort(cleanUps, profileIn) };
}
