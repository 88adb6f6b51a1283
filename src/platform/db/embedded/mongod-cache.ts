import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { assertRuns, MONGOD, type Environment } from './programs.ts';
import { sha256Of } from './sha256.ts';
import { reasonOf } from './unavailable.ts';

/** Folders for one fetch, both thrown away with it unless it succeeds. */
export interface Staging {
  /** what is to be kept: `mongod`, its licence, where it came from */
  entry: string;
  /** archives and the like, never kept */
  scratch: string;
}

/** The servers fetched earlier. */
export interface MongodCache {
  /** The path of a cached server whose bytes are still what they were; rejects with the reason when there is none. */
  find: () => Promise<string>;
  /** Lets `fill` put a server into an entry, tries that it runs here, keeps it, and returns its path. */
  add: (fill: (staging: Staging) => Promise<void>) => Promise<string>;
}

const ABANDONED_AFTER_MS = 2 * 60 * 60 * 1000;

/**
 * A cache with one folder for each server, named by the SHA-256 of its `mongod`.
 *
 * The name is the digest's only record: a folder appears by one rename, complete,
 * so two first starts at once and a start killed half-way leave nothing half right.
 * All bytes are hashed again at each start (0.25 s for 140 MB); size and time would
 * not show a page that the disk lost.
 */
export function createMongodCache({ cacheDir, env }: { cacheDir: string; env: Environment }): MongodCache {
  const folder = join(cacheDir, 'mongod', `${process.platform}-${process.arch}`);

  async function find(): Promise<string> {
    const names = await namesIn(folder);
    const digests = names.filter((name) => /^[0-9a-f]{64}$/.test(name));
    for (const digest of digests) {
      if (await isIntact(digest)) return join(folder, digest, MONGOD);
      await rm(join(folder, digest), { recursive: true, force: true });
    }
    throw new Error(
      digests.length === 0 ? `not found in ${folder}` : `the one in ${folder} was damaged and has been removed`,
    );
  }

  async function add(fill: (staging: Staging) => Promise<void>): Promise<string> {
    await mkdir(folder, { recursive: true });
    await removeAbandoned();
    const staging = await mkdtemp(join(folder, 'staging-'));
    try {
      const entry = join(staging, 'entry');
      const scratch = join(staging, 'scratch');
      await Promise.all([mkdir(entry), mkdir(scratch)]);
      await fill({ entry, scratch });
      return await keep(entry);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }

  async function keep(entry: string): Promise<string> {
    const mongod = join(entry, MONGOD);
    await chmod(mongod, 0o755);
    await assertRuns(mongod, env);
    const digest = await sha256Of(mongod);
    try {
      await rename(entry, join(folder, digest));
    } catch (error) {
      // Another first start was quicker: its folder has the same name because it has the same bytes.
      if (!(await isIntact(digest))) throw error;
    }
    return join(folder, digest, MONGOD);
  }

  async function isIntact(digest: string): Promise<boolean> {
    return (await sha256Of(join(folder, digest, MONGOD)).catch(reasonOf)) === digest;
  }

  async function removeAbandoned(): Promise<void> {
    for (const name of await namesIn(folder)) {
      if (!name.startsWith('staging-')) continue;
      const { mtimeMs } = await stat(join(folder, name)).catch(() => ({ mtimeMs: Date.now() }));
      if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  return { find, add };
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
