import { accessSync, constants, mkdtempSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { join } from 'node:path';

const MEMORY = '/dev/shm';
const ROOMY_BYTES = 4 * 1024 ** 3;

/**
 * A folder for the database of a test run: in memory where there is plenty, since every app makes some two hundred
 * files and waits for a disk until each is safe, which nobody needs of a database that is thrown away.
 */
export function makeDataFolder(): string {
  if (!isRoomy()) return mkdtempSync(join(tmpdir(), 'cohort-test-'));
  sweep();
  return mkdtempSync(join(MEMORY, `cohort-test-${process.pid}-`));
}

function isRoomy(): boolean {
  try {
    accessSync(MEMORY, constants.W_OK);
    const { bavail, bsize } = statfsSync(MEMORY);
    return Math.min(bavail * bsize, freemem()) > ROOMY_BYTES;
  } catch {
    return false;
  }
}

/** Removes what runs that were killed have left, which would fill the memory in time. */
function sweep(): void {
  for (const name of readdirSync(MEMORY)) {
    const pid = Number(/^cohort-test-(\d+)-/.exec(name)?.[1]);
    if (pid && !isAlive(pid)) rmSync(join(MEMORY, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // A cast, because this is how Node reports what the system refuses: a signal to somebody else's process.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
