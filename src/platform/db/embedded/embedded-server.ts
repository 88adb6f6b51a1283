/**
 * The embedded MongoDB, for evaluation and tests: finds or fetches a server, runs it as a replica set of one
 * on a data folder, and stops it. It owns that folder and the cache of fetched
 * servers, and knows nothing of what is stored: connections, indexes and
 * collections are the business of `db/`. It reads no environment of its own. The
 * image does not contain this folder, so only `db/database-server.ts` imports it,
 * and only when there is no MONGODB_URI.
 */
import { DatabaseServerUnavailable, type DatabaseServer, type EmbeddedServerOptions } from '../server.ts';
import { openDataFolder, type DataFolder, type Holder } from './data-folder.ts';
import { findMongod, type Mongod } from './find-mongod.ts';
import { keepRunning } from './kept-running.ts';
import { REPLICA_SET, stopMongod } from './mongod-process.ts';
import { startMongod } from './start-mongod.ts';
import { waitUntil } from './waiting.ts';

const DEFAULT_CACHE_SIZE_GB = 0.5;

/** How long a server without a record may be one whose owner is just about to write it. */
const CLAIM_WITHIN_MS = 5_000;

/** Longer than the start of a server may take, since another process may be at it. */
const SETTLE_WITHIN_MS = 150_000;

/**
 * Gives a database server to connect to, and says in one line which: one that
 * another process already runs on the same data folder, or one that is started here
 * from the first source that serves. It ends with this process, also when that is
 * killed. Throws DatabaseServerUnavailable when none can be had.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<DatabaseServer> {
  const folder = await openDataFolder(options.dataDir);
  let mongod: Mongod | undefined;
  for (;;) {
    const holder = await settledHolder(folder);
    if (holder.state === 'serving') return join(holder, options);
    if (holder.pid !== undefined) await stopMongod(holder.pid, folder.dbPath);
    mongod ??= await findMongod(options);
    const server = await start(mongod, folder, options);
    if (server !== 'folder-taken') return server;
  }
}

function join(
  { port, ownerPid }: Extract<Holder, { state: 'serving' }>,
  options: EmbeddedServerOptions,
): DatabaseServer {
  const source = `mongod of process ${ownerPid}`;
  say(source, port, options);
  return { uri: uriOf(port, options), source, isLost: () => false, stop: async () => undefined };
}

async function start(
  { path, source }: Mongod,
  folder: DataFolder,
  options: EmbeddedServerOptions,
): Promise<DatabaseServer | 'folder-taken'> {
  const { env, cacheSizeGb = DEFAULT_CACHE_SIZE_GB } = options;
  const wanted = { mongod: path, folder, env, cacheSizeGb };
  const server = await startMongod(wanted);
  if (server === 'folder-taken') return server;
  say(`${source} (${path})`, server.port, options);
  const { isLost, stop } = keepRunning(server, { ...wanted, say: options.say });
  return { uri: uriOf(server.port, options), source, isLost, stop };
}

/** Waits while another process is starting a server on the folder, or has just done so. */
async function settledHolder(folder: DataFolder): Promise<Holder> {
  let holder = await folder.holder();
  const isNoLonger = (state: Holder['state']) => async () => {
    holder = await folder.holder();
    return holder.state !== state;
  };
  await waitUntil(isNoLonger('unclaimed'), CLAIM_WITHIN_MS);
  if (await waitUntil(isNoLonger('starting'), SETTLE_WITHIN_MS)) return holder;
  throw new DatabaseServerUnavailable(`Another process has not finished starting mongod on ${folder.dbPath}.`);
}

function say(source: string, port: number, { dataDir, say: tell }: EmbeddedServerOptions): void {
  tell(`Database: ${source}, at 127.0.0.1:${port}, data in ${dataDir}, for evaluation only.`);
}

function uriOf(port: number, { databaseName }: EmbeddedServerOptions): string {
  return `mongodb://127.0.0.1:${port}/${databaseName}?replicaSet=${REPLICA_SET}`;
}
