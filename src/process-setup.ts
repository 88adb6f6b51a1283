import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Environment } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import type { SealingKey } from './base/boxes.ts';
import { startDatabaseServer, type DatabaseServer } from './db/embedded/database-server.ts';
import { loadSealingKeys } from './db/sealing-keys.ts';

/** What a process needs before it can build a house: a database to talk to and the keys that open what is sealed in it. */
export interface Foundation {
  server: DatabaseServer;
  sealingKeys: SealingKey[];
}

/** Finds or starts the database, and loads or makes the sealing keys. `say` gets one line that tells which database serves. */
export async function layFoundation(
  config: Config,
  environment: Environment,
  say: (line: string) => void,
): Promise<Foundation> {
  const dataDir = resolve(config.dataDir);
  const sealingKeys = await loadSealingKeys(config.sealingKeys, dataDir);
  const server = await startDatabaseServer({
    uri: config.mongodbUri,
    binary: config.mongodBinary,
    path: environment['PATH'] ?? '',
    env: environment,
    dataDir,
    cacheDir: config.cacheDir ?? join(homedir(), '.cache', 'cohort'),
    databaseName: config.databaseName,
    say,
  });
  return { server, sealingKeys };
}
