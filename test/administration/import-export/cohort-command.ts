import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestApp } from '../../support/app.ts';
import { newFolder, root } from '../../support/process.ts';

const node = join(root, 'node_modules', '.bin', 'node');

/** Rows of so many users, each in one of seven groups. */
export const usersFile = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ username: `user${n}@example.com`, groups: [`Group ${n % 7}`] }),
  ).join('\n');

/** Starts `npx cohort` on the database of an app, in a folder of its own. */
export function startCohort({ uri }: Pick<TestApp, 'uri'>, args: string[], folder: string = newFolder()): ChildProcess {
  return spawn(node, [join(root, 'src', 'cli', 'cohort.ts'), ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
      MONGODB_URI: uri,
      COHORT_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    },
  });
}

/** Runs it to its end. */
export async function runCohort(app: Pick<TestApp, 'uri'>, args: string[], input?: string) {
  const child = startCohort(app, args);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (text) => (stdout += String(text)));
  child.stderr!.on('data', (text) => (stderr += String(text)));
  child.stdin!.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}
