import { VITALS } from '../child.ts';
import { countSockets } from '../processes.ts';
import { median, percentile } from '../quantiles.ts';
import type { OwnServer } from '../servers.ts';
import type { Vitals } from '../vitals.ts';
import type { Recorded } from './recorder.ts';

/** How the server was at one moment, and what it did since the last. */
export interface Sample extends Vitals {
  minute: number;
  residentBytes: number | undefined;
  connections: number;
  requests: number;
  errors: number;
  p50Ms: number;
  p99Ms: number;
  /** Median and 99th percentile of each kind of request. */
  latencies: Record<string, { p50Ms: number; p99Ms: number }>;
}

export async function takeSample(server: OwnServer, minute: number, { latencies, errors }: Recorded): Promise<Sample> {
  const { residentBytes } = await server.usage();
  const all = Object.values(latencies).flat();
  return {
    // A cast, because both ends of the channel are in this folder.
    ...((await server.order(VITALS)) as Vitals),
    minute,
    residentBytes,
    connections: countSockets(server.pid),
    requests: all.length,
    errors,
    ...quantilesOf(all),
    latencies: Object.fromEntries(Object.entries(latencies).map(([name, values]) => [name, quantilesOf(values)])),
  };
}

const quantilesOf = (values: number[]) => ({
  p50Ms: values.length > 0 ? median(values) : 0,
  p99Ms: percentile(values, 0.99),
});

/** Before, memory goes up and down with every garbage collection. */
const SHORTEST_HALF_MINUTES = 4;

/**
 * Megabytes per hour: the slope of the straight line through the second half that has the least squares. Undefined where memory
 * is unknown, and after a run that is too short to tell.
 */
export function growthOf(samples: Sample[], figure: 'residentBytes' | 'heapBytes'): number | undefined {
  const points = samples.slice(Math.floor(samples.length / 2)).flatMap((sample) => {
    const bytes = sample[figure];
    return bytes === undefined ? [] : [{ hours: sample.minute / 60, megabytes: bytes / 1024 / 1024 }];
  });
  if ((points.at(-1)?.hours ?? 0) - (points[0]?.hours ?? 0) < SHORTEST_HALF_MINUTES / 60) return undefined;
  const mean = (of: (point: (typeof points)[number]) => number) =>
    points.reduce((sum, point) => sum + of(point), 0) / points.length;
  const hours = mean((point) => point.hours);
  const megabytes = mean((point) => point.megabytes);
  const variance = mean((point) => (point.hours - hours) ** 2);
  return mean((point) => (point.hours - hours) * (point.megabytes - megabytes)) / variance;
}
