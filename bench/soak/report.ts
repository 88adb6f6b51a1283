import type { Section } from '../publication.ts';
import { median } from '../quantiles.ts';
import { megabytes } from '../report.ts';
import { growthOf, type Sample } from './samples.ts';

export const SAMPLES_HEAD = [
  'minute',
  'MB',
  'heap MB',
  'connections',
  'requests',
  'errors',
  'p50 ms',
  'p99 ms',
  'loop p50 ms',
  'loop p99 ms',
];

export function describeSample(sample: Sample): string[] {
  return [
    sample.minute.toFixed(sample.minute % 1 === 0 ? 0 : 2),
    megabytes(sample.residentBytes),
    megabytes(sample.heapBytes),
    String(sample.connections),
    String(sample.requests),
    String(sample.errors),
    ...[sample.p50Ms, sample.p99Ms, sample.loopDelayP50Ms, sample.loopDelayP99Ms].map((value) => value.toFixed(1)),
  ];
}

export function samplesSection(samples: Sample[]): Section {
  return {
    title: 'Minute by minute',
    table: { head: SAMPLES_HEAD, rows: samples.map(describeSample) },
    notes: [
      'MB: resident memory of the server; heap MB: of that, what is used right after a garbage collection.',
      'connections: those of the server that are open, to clients and to the database.',
      'loop: how late timers of the server were.',
    ],
  };
}

/** The medians of the first and of the last third, for each kind of request. */
export function kindsSection(samples: Sample[]): Section {
  const third = Math.ceil(samples.length / 3);
  const parts = [samples.slice(0, third), samples.slice(-third)];
  const kinds = [...new Set(samples.flatMap(({ latencies }) => Object.keys(latencies)))];
  const rows = kinds.map((kind) => [
    kind,
    ...(['p50Ms', 'p99Ms'] as const).flatMap((figure) =>
      parts.map((part) => {
        const values = part.flatMap(({ latencies }) => latencies[kind]?.[figure] ?? []);
        return values.length > 0 ? median(values).toFixed(1) : '–';
      }),
    ),
  ]);
  const head = ['request', 'p50 ms at first', 'in the end', 'p99 ms at first', 'in the end'];
  return { title: 'Requests, in the first and in the last third', table: { head, rows }, notes: [] };
}

export function verdictSection(samples: Sample[], failures: string[]): Section {
  const growth = (name: string, figure: 'residentBytes' | 'heapBytes') => {
    const slope = growthOf(samples, figure);
    return slope === undefined
      ? `${name}: the run was too short to tell whether it grows.`
      : `${name} changed by ${slope.toFixed(1)} MB an hour in the second half.`;
  };
  const requests = samples.reduce((sum, sample) => sum + sample.requests, 0);
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
  return {
    title: 'Verdict',
    notes: [
      `${requests} requests, ${errors} wrong answers.`,
      growth('Resident memory', 'residentBytes'),
      growth('Heap used', 'heapBytes'),
      ...failures,
    ],
  };
}
