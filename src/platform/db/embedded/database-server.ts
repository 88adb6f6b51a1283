/**
 * The embedded MongoDB: finds or fetches a server, runs it as a replica set of one
 * on a data folder, and stops it. It owns that folder and the cache of fetched
 * servers, and knows nothing of what is stored: connections, indexes and
 * collections are the business of `db/`. It reads no environment of its own.
 */
import { openDataFolder, type DataFolder, type Holder } from './data-folder.ts';
import { findMongod, type Mongod, type MongodOptions } from './find-mongod.ts';
import { keepRunning } from './kept-running.ts';
import { REPLICA_SET, stopMongod } from './mongod-process.ts';
import { startMongod } from './start-mongod.ts';
import { DatabaseServerUnavailable } from './unavailable.ts';
import { waitUntil } from './waiting.ts';

export { DatabaseServerUnavailable } from './unavailable.ts';

/** A database that can be connected to. */
export interface DatabaseServer {
  /** a MongoDB connection string: MONGODB_URI as it stands, or one that names the database and the replica set */
  uri: string;
  /** where the server came from, in a few words */
  source: string;
  /** Whether a server that this start has started is down, and starting it again has failed several times. */
  isLost: () => boolean;
  /** Stops what this start has started: nothing, when it was given or joined a server. */
  stop: () => Promise<void>;
}

/** Where the database server comes from and where it keeps its data. */
export interface DatabaseServerOptions extends MongodOptions {
  /** MONGODB_URI: used as it is, nothing is started */
  uri?: string | undefined;
  /** the database files go in `mongodb` in here, beside the server's record and log */
  dataDir: string;
  /** the database that `uri` will name */
  databaseName: string;
  /** the server's cache in gibibytes, 0.25 or more; 0.5 when undefined */
  cacheSizeGb?: number | undefined;
}

const DEFAULT_CACHE_SIZE_GB = 0.5;

/** How long a server without a record may be one whose owner is just about to write it. */
const CLAIM_WITHIN_MS = 5_000;

/** Longer than the start of a server may take, since another process may be at it. */
const SETTLE_WITHIN_MS = 150_000;

/**
 * Gives a database server to connect to, and says in one line which: the one at
 * `uri`, one that another process already runs on the same data folder, or one that
 * is started here from the first source that serves. It ends with this process,
 * also when that is killed. Throws DatabaseServerUnavailable when none can be had.
 */
export async function startDatabaseServer(options: DatabaseServerOptions): Promise<DatabaseServer> {
  if (options.uri !== undefined) return useGiven(options.uri, options);
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

function useGiven(uri: string, { say }: DatabaseServerOptions): DatabaseServer {
  say('Database: the server in MONGODB_URI.');
  return { uri, source: 'MONGODB_URI', isLost: () => false, stop: async () => undefined };
}

function join(
  { port, ownerPid }: Extract<Holder, { state: 'serving' }>,
  options: DatabaseServerOptions,
): DatabaseServer {
  const source = `mongod of process ${ownerPid}`;
  say(source, port, options);
  return { uri: uriOf(port, options), source, isLost: () => false, stop: async () => undefined };
}

async function start(
  { path, source }: Mongod,
  folder: DataFolder,
  options: DatabaseServerOptions,
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

function say(source: string, port: number, { dataDir, say: tell }: DatabaseServerOptions): void {
  tell(`Database: ${source}, at 127.0.0.1:${port}, data in ${dataDir}.`);
}

function uriOf(port: number, { databaseName }: DatabaseServerOptions): string {
  return `mongodb://127.0.0.1:${port}/${databaseName}?replicaSet=${REPLICA_SET}`;
}
