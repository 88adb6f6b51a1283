import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startDatabaseServer } from '../../src/platform/db/database-server.ts';
import { startChromium } from './chromium.ts';
import { makeDataFolder } from './data-folder.ts';
import { dropDatabasesOfRun } from './database.ts';

/** One real MongoDB and one Chromium for the whole run; every app has a database of its own, every test its own pages. */
export default async function globalSetup(): Promise<void> {
  // The processes that tests start compile the same sources again and again, which is half of their start.
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../../node_modules/.cache/node');
  const dataDir = makeDataFolder();
  const [server, chromium] = await Promise.all([
    startDatabaseServer({
      uri: process.env['MONGODB_URI'],
      binary: process.env['MONGOD_BINARY'],
      path: process.env['PATH'] ?? '',
      env: process.env,
      dataDir,
      cacheDir: process.env['COHORT_CACHE_DIR'] ?? join(homedir(), '.cache', 'cohort'),
      databaseName: 'cohort_test',
      say: (line) => process.stdout.write(`\n${line}\n`),
    }),
    startChromium(),
  ]);
  process.env['COHORT_TEST_MONGODB'] = server.uri;
  process.env['COHORT_TEST_RUN'] = randomBytes(3).toString('hex');
  if (chromium) process.env['COHORT_TEST_CHROMIUM'] = chromium.wsEndpoint();
  (globalThis as { stopTestServers?: () => Promise<void> }).stopTestServers = async () => {
    if (server.source === 'MONGODB_URI') await dropDatabasesOfRun(server.uri);
    await Promise.all([chromium?.close(), server.stop()]);
    await rm(dataDir, { recursive: true, force: true });
  };
}
