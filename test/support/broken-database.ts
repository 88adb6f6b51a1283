import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { findMongod } from '../../src/platform/db/embedded/find-mongod.ts';
import { newFolder } from './process.ts';

/** The program that the test run's own MongoDB runs. */
export async function mongodPath(): Promise<string> {
  const cacheDir = process.env['COHORT_CACHE_DIR'] ?? join(homedir(), '.cache', 'cohort');
  const path = process.env['PATH'] ?? '';
  return (await findMongod({ binary: process.env['MONGOD_BINARY'], path, env: process.env, cacheDir, say() {} })).path;
}

/** A server that starts only while nothing is the matter, as when a disk is full for a while. */
export async function brokenAtWill() {
  const folder = newFolder();
  const program = join(folder, 'mongod');
  const isBroken = join(folder, 'no-space');
  const script = `[ -e '${isBroken}' ] && { echo 'No space left on device'; exit 14; }\nexec '${await mongodPath()}' "$@"`;
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return {
    program,
    break: () => writeFileSync(isBroken, ''),
    mend: () => rmSync(isBroken),
  };
}
