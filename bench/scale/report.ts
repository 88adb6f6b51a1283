import { median, type Round } from '../comparison.ts';
import { toTable } from '../table.ts';
import type { machineFacts } from '../report.ts';
import type { Database, Databases } from './databases.ts';
import type { ScaleOperation } from './operation.ts';

/** The rounds of one operation at either database. */
export interface ScaleComparison {
  operation: ScaleOperation;
  small: Round[];
  large: Round[];
}

/** One line of the table. */
export interface ScaleRow {
  operation: string;
  smallMs: number;
  largeMs: number;
  ratio: number;
  /** The lowest and the highest ratio among pairs of neighbouring rounds. */
  spread: [number, number];
  /** What the database looked at for one operation: entries of indexes and documents, small and large. */
  keys: [number, number];
  documents: [number, number];
  differs: string | undefined;
}

/** From here on an operation is marked: its cost grows with the number of people. */
const TOO_MUCH = 2;

export function toScaleRow({ operation, small, large }: ScaleComparison): ScaleRow {
  const of = (rounds: Round[], figure: 'latencyMs' | 'keys' | 'documents') =>
    median(rounds.map((round) => round[figure]));
  const ratios = large.map((round, index) => round.latencyMs / small[index]!.latencyMs);
  const smallMs = of(small, 'latencyMs');
  const largeMs = of(large, 'latencyMs');
  return {
    operation: operation.name,
    smallMs,
    largeMs,
    ratio: largeMs / smallMs,
    spread: [Math.min(...ratios), Math.max(...ratios)],
    keys: [of(small, 'keys'), of(large, 'keys')],
    documents: [of(small, 'documents'), of(large, 'documents')],
    differs: operation.differs,
  };
}

const HEAD = ['operation', 'small ms', 'large ms', 'ratio', 'spread', '', 'keys', 'documents', 'note'];

export function toScaleTable(rows: ScaleRow[]): string {
  const notes = notesOf(rows);
  return toTable(
    HEAD,
    rows.map((row) => toCells(row, notes)),
  );
}

function toCells(row: ScaleRow, notes: string[]): string[] {
  const pair = ([small, large]: [number, number]) => `${Math.round(small)} → ${Math.round(large)}`;
  return [
    row.operation,
    row.smallMs.toFixed(1),
    row.largeMs.toFixed(1),
    row.ratio.toFixed(2),
    row.spread.map((ratio) => ratio.toFixed(2)).join('–'),
    row.ratio > TOO_MUCH ? '!' : '',
    pair(row.keys),
    pair(row.documents),
    row.differs ? `(${notes.indexOf(row.differs) + 1})` : '',
  ];
}

const notesOf = (rows: ScaleRow[]): string[] => [...new Set(rows.flatMap(({ differs }) => differs ?? []))];

/** What has to be known to read the table. */
export function explain(rows: ScaleRow[]): string {
  const notes = notesOf(rows).map((note, index) => `(${index + 1}) In the large database ${note}.`);
  return [
    `ratio: large ÷ small, and how far pairs of rounds spread; ! above ${TOO_MUCH}.`,
    'keys, documents: entries of indexes and documents that the database looked at for one operation, small → large.',
    ...notes,
  ].join('\n');
}

interface Run {
  cacheGb: number;
  rounds: number;
  seconds: number;
}

export function describeScaleRun(
  { at, cores, processor, load, node }: ReturnType<typeof machineFacts>,
  { small, large }: Databases,
  { cacheGb, rounds, seconds }: Run,
): string {
  const line = (name: string, { shape }: Database) =>
    `${name}: ${shape.users} people, ${shape.groups} groups, everybody in ${shape.perUser}, ${shape.bigGroup} in the big group`;
  return `The same requests on a small and on a large database
${at}, ${cores} cores (${processor}), load ${load.toFixed(1)} before the start
Node ${node}, ${large.server.ready.database ?? ''}, a cache of ${cacheGb} GiB for either
${line('small', small)}
${line('large', large)}
Rounds at each in turns: ${rounds} of ${seconds} s, one request at a time`;
}
