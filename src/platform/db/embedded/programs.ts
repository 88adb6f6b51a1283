import { execFile } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';

/** The environment that child processes get. */
export type Environment = Record<string, string | undefined>;

/** The server's file name on this platform. */
export const MONGOD = process.platform === 'win32' ? 'mongod.exe' : 'mongod';

/** The oldest server whose transactions, change streams and indexes the rest of Cohort relies on. */
const OLDEST_MAJOR = 6;

/** The full path of the first program of that name on a PATH, or undefined. */
export async function findOnPath(name: string, path: string): Promise<string | undefined> {
  for (const folder of path.split(delimiter).filter(Boolean)) {
    const candidate = join(folder, name);
    if (await isProgram(candidate)) return candidate;
  }
  return undefined;
}

/** Runs a program to its end and returns what it printed; rejects when it fails or takes longer than `forMs`. */
export async function run(
  program: string,
  args: readonly string[],
  { env, forMs }: { env: Environment; forMs: number },
): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, { env, timeout: forMs });
  return stdout;
}

/** Rejects with the reason unless the file is a `mongod` that runs on this machine and is new enough. */
export async function assertRuns(mongod: string, env: Environment): Promise<void> {
  const printed = await run(mongod, ['--version'], { env, forMs: 30_000 });
  const version = /db version v(\d+)\.\S+/.exec(printed);
  if (!version) throw new Error('it is not a MongoDB server');
  if (Number(version[1]) < OLDEST_MAJOR)
    throw new Error(`it is ${version[0]}, but MongoDB ${OLDEST_MAJOR} or later is required`);
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}
