import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CleanUps } from './clean-up.ts';

/** An empty folder that goes with the bench. */
export async function temporaryFolder(cleanUps: Pick<CleanUps, 'add'>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cohort-bench-'));
  cleanUps.add(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits for the process that fills a folder. */
export async function filledBy(child: ChildProcess, folder: string): Promise<void> {
  // A cast, because the event says so.
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${folder} could not be filled.`);
}
