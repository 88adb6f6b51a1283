import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../free-port.ts';
import { isMongodOn } from './data-folder.ts';
import type { Environment } from './programs.ts';
import type { ServerLog } from './server-log.ts';
import { waitUntil } from './waiting.ts';

/** The name of the replica set of one. */
export const REPLICA_SET = 'cohort';

/** What a server needs to run. */
export interface MongodProcessOptions {
  mongod: string;
  dbPath: string;
  log: ServerLog;
  env: Environment;
  /** gibibytes, 0.25 or more */
  cacheSizeGb: number;
  /** any free one when undefined */
  port?: number;
}

/** A server that this process has started. */
export interface MongodProcess {
  pid: number;
  port: number;
  /** Its exit code, or the signal that ended it; undefined while it runs. */
  exit: () => number | string | undefined;
  /** Calls back if it ends before `stop` is called. */
  onLoss: (tell: (exit: number | string) => void) => void;
  /** Stops it in good order, or after 15 seconds by force. */
  stop: () => Promise<void>;
}

const STOP_WITHIN_MS = 15_000;
const DIE_WITHIN_MS = 5_000;

/**
 * Starts a server on loopback only, without waiting until it serves. It runs apart
 * from the terminal, so that Ctrl-C leaves it to requests that are still under way,
 * and keeps neither this process alive nor itself without it: see watch-owner.ts.
 */
export async function spawnMongod(options: MongodProcessOptions): Promise<MongodProcess> {
  const port = options.port ?? (await freePort());
  const child = spawn(options.mongod, serverArguments(options, port), {
    detached: true,
    stdio: ['ignore', options.log.fd, options.log.fd],
    // The server refuses to start under a locale that is not installed.
    env: { ...options.env, LC_ALL: 'C' },
  });
  await once(child, 'spawn');
  child.unref();
  const pid = Number(child.pid);
  const watcher = watchOwner(pid, options);
  child.once('exit', () => watcher.kill());
  let isStopping = false;

  async function stop(): Promise<void> {
    isStopping = true;
    await endGently({ hasEnded: () => exit() !== undefined, signal: (name) => child.kill(name) });
  }

  function exit(): number | string | undefined {
    return child.exitCode ?? child.signalCode ?? undefined;
  }

  function onLoss(tell: (exit: number | string) => void): void {
    child.once('exit', (code, signal) => isStopping || tell(code ?? signal ?? 'an unknown exit status'));
  }

  return { pid, port, exit, onLoss, stop };
}

/** Stops a server that another process started, after making sure that it is one on these database files. */
export async function stopMongod(pid: number, dbPath: string): Promise<void> {
  await endGently({
    hasEnded: async () => !(await isMongodOn(pid, dbPath)),
    signal: (name) => signalIfAlive(pid, name),
  });
}

function serverArguments({ dbPath, cacheSizeGb }: MongodProcessOptions, port: number): string[] {
  return [
    // These two first and together: `isMongodOn` knows the server by them.
    ['--dbpath', dbPath],
    ['--port', String(port)],
    ['--bind_ip', '127.0.0.1'],
    // A socket file in /tmp would be a second way to connect, and remains after kill -9.
    process.platform === 'win32' ? [] : ['--nounixsocket'],
    ['--replSet', REPLICA_SET],
    ['--storageEngine', 'wiredTiger'],
    ['--wiredTigerCacheSizeGB', String(cacheSizeGb)],
    // The default is 5 % of the disk.
    ['--oplogSize', '512'],
    ['--quiet'],
    // Of no use on loopback, and a server before 6.0.27 leaks memory through it (CVE-2025-14847).
    ['--networkMessageCompressors', 'disabled'],
    // Up to 200 MB of measurements for MongoDB's support.
    ['--setParameter', 'diagnosticDataCollectionEnabled=false'],
    // Nobody reads the past, for which the files of dropped collections would stay open for five minutes.
    ['--setParameter', 'minSnapshotHistoryWindowInSeconds=5'],
    // There is no other member that a stopping server could give its clients time to move to.
    ['--setParameter', 'shutdownTimeoutMillisForSignaledShutdown=100'],
  ].flat();
}

/** The pipe to the watcher's standard input closes when this process ends, however it ends. */
function watchOwner(pid: number, { dbPath, env }: MongodProcessOptions): ChildProcess {
  const script = fileURLToPath(new URL('./watch-owner.ts', import.meta.url));
  const watcher = spawn(process.execPath, [script, String(pid), dbPath], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    // Options meant for the owner, such as a debugger's port, are not for it.
    env: { ...env, NODE_OPTIONS: '' },
  });
  watcher.unref();
  return watcher;
}

function signalIfAlive(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // A cast, because this is how Node reports what the system refuses.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function endGently({
  hasEnded,
  signal,
}: {
  hasEnded: () => boolean | Promise<boolean>;
  signal: (name: 'SIGTERM' | 'SIGKILL') => void;
}): Promise<void> {
  if (await hasEnded()) return;
  signal('SIGTERM');
  if (await waitUntil(hasEnded, STOP_WITHIN_MS)) return;
  signal('SIGKILL');
  await waitUntil(hasEnded, DIE_WITHIN_MS);
}
