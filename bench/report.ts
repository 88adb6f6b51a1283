import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { toTable } from './table.ts';
import { median, type Comparison, type Effort, type Round } from './comparison.ts';

/** One line of the table: Cohort against the bare provider in one operation. */
export interface Row {
  operation: string;
  latencyRatio: number;
  /** The lowest and the highest ratio among pairs of neighbouring rounds. */
  spread: [number, number];
  bareMs: number;
  cohortMs: number;
  cpuRatio: number;
  bareCpuMs: number;
  cohortCpuMs: number;
  databaseCpuMs: number | undefined;
  /** Of all kinds together, and of each. */
  commands: number;
  commandsByName: Record<string, number>;
}

export function toRow({ operation, bare, cohort }: Comparison): Row {
  const ratios = cohort.map((round, index) => round.latencyMs / bare[index]!.latencyMs);
  const databaseCpu = cohort.flatMap(({ databaseCpuMs }) => databaseCpuMs ?? []);
  const bareMs = medianOf(bare, 'latencyMs');
  const cohortMs = medianOf(cohort, 'latencyMs');
  const bareCpuMs = medianOf(bare, 'serverCpuMs');
  const cohortCpuMs = medianOf(cohort, 'serverCpuMs');
  const commandsByName = medianCommands(cohort);
  return {
    operation: operation.name,
    latencyRatio: cohortMs / bareMs,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    bareMs,
    cohortMs,
    cpuRatio: cohortCpuMs / bareCpuMs,
    bareCpuMs,
    cohortCpuMs,
    databaseCpuMs: databaseCpu.length > 0 ? median(databaseCpu) : undefined,
    commands: Object.values(commandsByName).reduce((sum, count) => sum + count, 0),
    commandsByName,
  };
}

function medianOf(rounds: Round[], figure: 'latencyMs' | 'serverCpuMs'): number {
  return median(rounds.map((round) => round[figure]));
}

function medianCommands(rounds: Round[]): Record<string, number> {
  const names = [...new Set(rounds.flatMap(({ commands }) => Object.keys(commands)))].sort();
  return Object.fromEntries(names.map((name) => [name, median(rounds.map(({ commands }) => commands[name] ?? 0))]));
}

/** What the figures depend on besides the code. */
export function machineFacts() {
  return {
    at: new Date().toISOString(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    load: loadavg()[0]!,
    node: process.version,
    provider: versionOf('oidc-provider'),
  };
}

function versionOf(dependency: string): string {
  const path = new URL(`../node_modules/${dependency}/package.json`, import.meta.url);
  // A cast, because every installed package has a version.
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}

export type Facts = ReturnType<typeof machineFacts> & { database: string };

export function describeRun(facts: Facts, { rounds, length, concurrency }: Effort): string {
  const each = length.operations === undefined ? `${length.seconds ?? 0} s` : `${length.operations} operations`;
  return `Cohort on MongoDB, compared with a bare oidc-provider in memory
${facts.at}, ${facts.cores} cores (${facts.processor}), load ${facts.load.toFixed(1)} before the start
Node ${facts.node}, oidc-provider ${facts.provider}, ${facts.database}
Rounds at each server in turns: ${rounds} of ${each}, ${concurrency} operations at a time`;
}

export const EXPLANATION = `latency: Cohort's median time for an operation ÷ bare's, and how far pairs of rounds spread; cpu: the same of processor time.
ms and cpu ms: for one operation at bare → Cohort; db cpu ms: of mongod for one operation; db commands: sent for one operation.`;

const HEAD = ['operation', 'latency', 'spread', 'ms', 'cpu', 'cpu ms', 'db cpu ms', 'db commands'];

export const toProviderTable = (rows: Row[]): string => toTable(HEAD, rows.map(toCells));

function toCells(row: Row): string[] {
  return [
    row.operation,
    `${row.latencyRatio.toFixed(2)}×`,
    row.spread.map((ratio) => ratio.toFixed(2)).join('–'),
    `${row.bareMs.toFixed(1)} → ${row.cohortMs.toFixed(1)}`,
    `${row.cpuRatio.toFixed(2)}×`,
    `${row.bareCpuMs.toFixed(2)} → ${row.cohortCpuMs.toFixed(2)}`,
    row.databaseCpuMs?.toFixed(2) ?? '–',
    row.commands.toFixed(1),
  ];
}
