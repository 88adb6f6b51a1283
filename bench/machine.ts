import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

/** What the figures depend on besides the code. */
export function machineFacts() {
  return {
    at: new Date().toISOString(),
    cores: availableParallelism(),
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    load: loadavg()[0]!,
    node: process.version,
    provider: versionOf('oidc-provider'),
  };
}

export type MachineFacts = ReturnType<typeof machineFacts>;

export function describeMachine({ at, cores, processor, memoryGb, load }: MachineFacts): string {
  return `${at}, ${cores} cores (${processor}), ${memoryGb} GB of memory, load ${load.toFixed(1)} before the start`;
}

function versionOf(dependency: string): string {
  const path = new URL(`../node_modules/${dependency}/package.json`, import.meta.url);
  // A cast, because every installed package has a version.
  return (JSON.parse(readFileSync(path, 'utf8')) as { version: string }).version;
}
