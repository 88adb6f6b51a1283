import type { Comparison, PlayedEntry, Round } from './comparison.ts';
import { median } from './quantiles.ts';
import type { Table } from './table.ts';

/** The figures of one operation at one server: medians over its rounds. */
export interface Figures {
  operation: string;
  server: string;
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  serverCpuMs: number;
  databaseCpuMs: number | undefined;
  /** Commands to the database of all kinds together, and of each. */
  commands: number;
  commandsByName: Record<string, number>;
  residentBytes: number | undefined;
  peakBytes: number | undefined;
}

/** One operation compared with the same at the first server, or by the first user. */
export interface Ratios {
  latency: number;
  /** The lowest and the highest ratio among pairs of neighbouring rounds. */
  spread: [number, number];
  cpu: number;
}

export function figuresOf({ name, entries }: Comparison): Figures[] {
  return entries.map(({ label, server, rounds }) => {
    const commandsByName = medianCommands(rounds);
    return {
      operation: label === server ? name : `${name}, ${label}`,
      server,
      perSecond: medianOf(rounds, 'perSecond'),
      p50Ms: medianOf(rounds, 'latencyMs'),
      p99Ms: medianOf(rounds, 'p99Ms'),
      serverCpuMs: medianOf(rounds, 'serverCpuMs'),
      databaseCpuMs: ifAny(rounds.flatMap(({ databaseCpuMs }) => databaseCpuMs ?? [])),
      commands: Object.values(commandsByName).reduce((sum, count) => sum + count, 0),
      commandsByName,
      residentBytes: ifAny(rounds.flatMap(({ residentBytes }) => residentBytes ?? [])),
      peakBytes: rounds.at(-1)?.peakBytes,
    };
  });
}

export function ratiosOf({ rounds }: PlayedEntry, base: PlayedEntry): Ratios {
  const ratios = rounds.map((round, index) => round.latencyMs / base.rounds[index]!.latencyMs);
  return {
    latency: medianOf(rounds, 'latencyMs') / medianOf(base.rounds, 'latencyMs'),
    spread: [Math.min(...ratios), Math.max(...ratios)],
    cpu: medianOf(rounds, 'serverCpuMs') / medianOf(base.rounds, 'serverCpuMs'),
  };
}

type Figure = 'perSecond' | 'latencyMs' | 'p99Ms' | 'serverCpuMs';

function medianOf(rounds: Round[], figure: Figure): number {
  return median(rounds.map((round) => round[figure]));
}

const ifAny = (values: number[]): number | undefined => (values.length > 0 ? median(values) : undefined);

function medianCommands(rounds: Round[]): Record<string, number> {
  const names = [...new Set(rounds.flatMap(({ commands }) => Object.keys(commands)))].sort();
  return Object.fromEntries(names.map((name) => [name, median(rounds.map(({ commands }) => commands[name] ?? 0))]));
}

/** Each operation as ratios to its first entry; operations with one entry are left out. */
export function toComparisonTable(comparisons: Comparison[]): Table {
  const compared = comparisons.filter(({ entries }) => entries.length > 1);
  const [base = '', ...others] = compared[0]?.entries.map(({ label }) => label) ?? [];
  return {
    head: ['operation', `${base}, ms`, ...others.flatMap((label) => [label, 'spread', 'cpu'])],
    rows: compared.map(({ name, entries: [first, ...rest] }) => [
      name,
      medianOf(first!.rounds, 'latencyMs').toFixed(1),
      ...rest.flatMap((entry) => toRatioCells(ratiosOf(entry, first!))),
    ]),
  };
}

const toRatioCells = ({ latency, spread, cpu }: Ratios): string[] => [
  `${latency.toFixed(2)}×`,
  spread.map((ratio) => ratio.toFixed(2)).join('–'),
  `${cpu.toFixed(2)}×`,
];

const DETAILS = [
  'operation',
  'server',
  'per s',
  'p50 ms',
  'p99 ms',
  'cpu ms',
  'db cpu ms',
  'db commands',
  'MB',
  'peak MB',
];

export function toDetailsTable(figures: Figures[]): Table {
  return { head: DETAILS, rows: figures.map(toDetailCells) };
}

function toDetailCells(figures: Figures): string[] {
  return [
    figures.operation,
    figures.server,
    figures.perSecond.toFixed(figures.perSecond < 100 ? 1 : 0),
    figures.p50Ms.toFixed(1),
    figures.p99Ms.toFixed(1),
    figures.serverCpuMs.toFixed(2),
    figures.databaseCpuMs?.toFixed(2) ?? '–',
    figures.commands.toFixed(1),
    megabytes(figures.residentBytes),
    megabytes(figures.peakBytes),
  ];
}

export const megabytes = (bytes: number | undefined): string =>
  bytes === undefined ? '–' : (bytes / 1024 / 1024).toFixed(0);
