import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startDatabaseServer } from '../../src/platform/db/database-server.ts';
import { makeDataFolder } from './data-folder.ts';

/** One real MongoDB for the whole run; every app in the tests has a database of its own in it. */
export default async function globalSetup(): Promise<void> {
  const dataDir = makeDataFolder();
  const server = await startDatabaseServer({
    uri: process.env['MONGODB_URI'],
    binary: process.env['MONGOD_BINARY'],
    path: process.env['PATH'] ?? '',
    env: process.env,
    dataDir,
    cacheDir: process.env['COHORT_CACHE_DIR'] ?? join(homedir(), '.cache', 'cohort'),
    databaseName: 'cohort_test',
    say: (line) => process.stdout.write(`\n${line}\n`),
  });
  process.env['COHORT_TEST_MONGODB'] = server.uri;
  (globalThis as { stopTestDatabase?: () => Promise<void> }).stopTestDatabase = async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  };
}
