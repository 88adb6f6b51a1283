import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CURRENT_MS } from '../../src/platform/db/change-feed.mongo.ts';
import { freePort } from '../../src/platform/free-port.ts';

export const root = join(import.meta.dirname, '..', '..');
export const run = promisify(execFile);

export interface Started {
  issuer: string;
  child: ChildProcess;
  output(): string;
  dataDir: string;
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export const newFolder = () => mkdtempSync(join(tmpdir(), 'cohort-process-'));

/** Runs `npm start`'s own command, with an embedded MongoDB in a folder of its own unless the settings name another. */
export async function startProcess(
  settings: Record<string, string> = {},
  dataDir: string = newFolder(),
): Promise<Started> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  const { MONGODB_URI: _, ...inherited } = process.env;
  const environment = {
    ...inherited,
    COHORT_ISSUER: issuer,
    COHORT_PORT: String(port),
    COHORT_DATA_DIR: dataDir,
    COHORT_LOG_LEVEL: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, ['src/main.js'], {
    cwd: root,
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const output = await untilListening(child, gone);
  return {
    issuer,
    child,
    dataDir,
    output,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return gone;
    },
  };
}

/** Resolves when Cohort serves, with a way to read what it prints. */
export async function untilListening(child: ChildProcess, gone: Promise<unknown>): Promise<() => string> {
  let output = '';
  await new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Listening on')) resolve();
    };
    child.stdout!.on('data', hear);
    child.stderr!.on('data', hear);
    void gone.then((end) => reject(new Error(`It ended with ${String(end)}: ${output}`)));
  });
  return () => output;
}

/** The process of the embedded MongoDB on this folder. */
export function mongodOf(dataDir: string): number {
  return (JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number }).pid;
}

/** The link for the first owner that Cohort printed. */
export function setupLinkOf({ output }: Started): string {
  const [, link] = /open (http:\S+\/setup\/\S+)/.exec(output()) ?? [];
  if (!link) throw new Error(`No link was printed: ${output()}`);
  return link;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** Whether it is still so when every node must know what another one has ended. */
export async function isStill(isSo: () => Promise<boolean>): Promise<boolean> {
  const until = performance.now() + CURRENT_MS;
  while (await isSo()) {
    if (performance.now() >= until) return true;
    await pause(50);
  }
  return false;
}

/** Asks again until it is so. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}
