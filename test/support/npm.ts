import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { freePort } from '../../src/platform/free-port.ts';
import { isAlive, mongodOf, newFolder, root, untilListening } from './process.ts';

/** The environment of a user, without what the npm that runs the tests has put into it. */
export function environmentOf(settings: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^MONGODB_URI$/i.test(name));
  return { ...Object.fromEntries(own), npm_config_update_notifier: 'false', ...settings };
}

/** Starts Cohort by a command as a user types it, and resolves when it serves. */
export async function startBy(program: string, args: string[], settings: Record<string, string> = {}) {
  const port = await freePort();
  const dataDir = newFolder();
  const issuer = `http://localhost:${port}`;
  const own = { COHORT_ISSUER: issuer, COHORT_PORT: String(port), COHORT_DATA_DIR: dataDir, COHORT_LOG_LEVEL: 'warn' };
  const child = spawn(program, args, { cwd: root, env: environmentOf({ ...own, ...settings }) });
  const gone = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  await untilListening(child, gone);
  const mongod = mongodOf(dataDir);
  /** Whether both the port and the database are given up. */
  const isOver = async () => (await isFree(port)) && !isAlive(mongod);
  return { child, gone, issuer, isOver };
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
