import type { Round } from '../comparison.ts';
import { median } from '../quantiles.ts';
import { describeMachine, type MachineFacts } from '../machine.ts';
import type { Report, Section } from '../publication.ts';
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

export function toScaleSection(rows: ScaleRow[]): Section {
  const differences = differencesIn(rows);
  const table = { head: HEAD, rows: rows.map((row) => toCells(row, differences)) };
  return { title: 'Small and large', table, notes: [...EXPLANATION, ...differences.map(describeDifference)] };
}

function toCells(row: ScaleRow, differences: string[]): string[] {
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
    row.differs ? `(${differences.indexOf(row.differs) + 1})` : '',
  ];
}

const differencesIn = (rows: ScaleRow[]): string[] => [...new Set(rows.flatMap(({ differs }) => differs ?? []))];

const describeDifference = (difference: string, index: number): string =>
  `(${index + 1}) In the large database ${difference}.`;

/** What has to be known to read the table. */
const EXPLANATION = [
  `ratio: large ÷ small, and how far pairs of rounds spread; ! above ${TOO_MUCH}.`,
  'keys, documents: entries of indexes and documents that the database looked at for one operation, small → large.',
];

interface Run {
  cacheGb: number;
  rounds: number;
  seconds: number;
}

export function introduceScaleRun(
  machine: MachineFacts,
  { small, large }: Databases,
  { cacheGb, rounds, seconds }: Run,
): Pick<Report, 'title' | 'facts'> {
  const line = (name: string, { shape }: Database) =>
    `${name}: ${shape.users} users, ${shape.groups} groups, each user in ${shape.perUser}, ${shape.bigGroup} in the big group`;
  return {
    title: 'The same requests on a small and on a large database',
    facts: [
      describeMachine(machine),
      `Node ${machine.node}, ${large.server.ready.about}, a cache of ${cacheGb} GiB for either`,
      line('small', small),
      line('large', large),
      `Rounds at each in turns: ${rounds} of ${seconds} s, one request at a time`,
    ],
  };
}
