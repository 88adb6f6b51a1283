import type { DataFolder } from './data-folder.ts';
import { REPLICA_SET, spawnMongod, type MongodProcess, type MongodProcessOptions } from './mongod-process.ts';
import { makeWritable } from './replica-set.mongo.ts';
import { complaintIn, isListening, isShutOut, openServerLog, type ServerLog } from './server-log.ts';
import { DatabaseServerUnavailable } from '../server.ts';
import { reasonOf } from './unavailable.ts';
import { waitUntil } from './waiting.ts';

/** Long, because a server that was killed under load replays its journal first. */
const READY_WITHIN_MS = 120_000;

/** What a server that cannot listen ends with. */
const PORT_TAKEN = 48;

/** How long another server on the same files may be unknown before it counts as none of Cohort's. */
const SHOWN_WITHIN_MS = 5_000;

/** How often a port is lost between being found free and being taken before that is no accident. */
const PORT_TRIES = 5;

/** What a start needs. */
export interface StartOptions extends Omit<MongodProcessOptions, 'dbPath' | 'log'> {
  folder: DataFolder;
}

/**
 * Starts a server on a data folder and returns it once it takes writes, or
 * 'folder-taken' when another start was quicker: the server's own lock on its files
 * decides that. Throws DatabaseServerUnavailable when the server does not start.
 */
export async function startMongod(options: StartOptions): Promise<MongodProcess | 'folder-taken'> {
  for (let tries = 1; ; tries += 1) {
    const outcome = await tryToStart(options);
    if (outcome === 'port-taken' && tries < PORT_TRIES) continue;
    if (outcome === 'port-taken') throw new DatabaseServerUnavailable('mongod found no free port on 127.0.0.1');
    return outcome;
  }
}

async function tryToStart({
  folder,
  ...process
}: StartOptions): Promise<MongodProcess | 'folder-taken' | 'port-taken'> {
  const log = await openServerLog(folder.logPath);
  try {
    const server = await spawnMongod({ ...process, dbPath: folder.dbPath, log }).catch(refuse);
    const lost = await serve(server, log, folder).catch((error: unknown) => giveUp(server, log, folder, error));
    await (lost ? log.discard() : log.keep());
    return lost ?? server;
  } finally {
    await log.close();
  }
}

function refuse(error: unknown): never {
  throw new DatabaseServerUnavailable(`mongod did not start: ${reasonOf(error)}`);
}

async function serve(server: MongodProcess, log: ServerLog, folder: DataFolder): Promise<undefined> {
  const { pid, port } = server;
  await until(server, async () => (await folder.holder()).pid === pid || isListening(await log.text()));
  await folder.claim({ pid, port, isReady: false });
  await until(server, async () => isListening(await log.text()));
  await makeWritable({ name: REPLICA_SET, port, forMs: READY_WITHIN_MS });
  await folder.claim({ pid, port, isReady: true });
}

async function giveUp(
  server: MongodProcess,
  log: ServerLog,
  folder: DataFolder,
  error: unknown,
): Promise<'folder-taken' | 'port-taken'> {
  const exit = server.exit();
  await folder.release(server.pid);
  await server.stop();
  if (exit === PORT_TAKEN) return 'port-taken';
  const text = await log.text();
  if (isShutOut(text) && (await showsItself(folder))) return 'folder-taken';
  await log.keep();
  const reason = complaintIn(text) ?? reasonOf(error);
  throw new DatabaseServerUnavailable(`mongod did not start: ${reason} (see ${folder.logPath})`);
}

/** The quicker server has the lock a moment before it writes its process id into it. */
function showsItself(folder: DataFolder): Promise<boolean> {
  return waitUntil(async () => (await folder.holder()).pid !== undefined, SHOWN_WITHIN_MS);
}

async function until(server: MongodProcess, isSo: () => Promise<boolean>): Promise<void> {
  const isInTime = await waitUntil(async () => server.exit() !== undefined || (await isSo()), READY_WITHIN_MS);
  if (server.exit() !== undefined) throw new Error(`it exited with ${server.exit()}`);
  if (!isInTime) throw new Error(`it was not ready within ${READY_WITHIN_MS / 1000} seconds`);
}
