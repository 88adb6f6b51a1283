import { resolve } from 'node:path';
import { ConfigurationFaulty, type Environment } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { cacheFolderOf } from '../platform/cache-folder.js';
import { EncryptionKeyUnusable, type EncryptionKey } from '../platform/encryption.ts';
import { CohortError } from '../platform/errors.ts';
import { DatabaseUnsuitable } from '../platform/db/connection.mongo.ts';
import { DatabaseServerUnavailable, startDatabaseServer, type DatabaseServer } from '../platform/db/database-server.ts';
import { loadEncryptionKeys } from '../platform/db/encryption-keys.ts';

/** What a process needs before it can build an app: a database and the keys that decrypt its secrets. */
export interface Foundation {
  server: DatabaseServer;
  encryptionKeys: EncryptionKey[];
}

/** Finds or starts the database, and loads or makes the encryption keys. `say` gets one line that tells which database serves. */
export async function layFoundation(
  config: Config,
  environment: Environment,
  say: (line: string) => void,
): Promise<Foundation> {
  const dataDir = resolve(config.dataDir);
  const encryptionKeys = await loadEncryptionKeys(config.encryptionKeys, dataDir);
  const server = await startDatabaseServer({
    uri: config.mongodbUri,
    binary: config.mongodBinary,
    path: environment['PATH'] ?? '',
    env: environment,
    dataDir,
    cacheDir: cacheFolderOf(config.cacheDir),
    databaseName: config.databaseName,
    cacheSizeGb: config.databaseCacheGb,
    say,
  });
  return { server, encryptionKeys };
}

/** Sentences for files that the operator named. */
const FILE_FAULTS: Record<string, string> = {
  ENOENT: 'does not exist',
  EACCES: 'cannot be opened by this user',
  EISDIR: 'is a folder, not a file',
  ENOTDIR: 'has a parent that is not a folder',
};

/** What the operator can mend, in a sentence; undefined for a defect, which keeps its stack. */
export function operatorSentence(error: unknown): string | undefined {
  if (error instanceof CohortError)
    return [error.message, ...error.faults.map(({ detail }) => `  - ${detail}`)].join('\n');
  if (
    error instanceof ConfigurationFaulty ||
    error instanceof DatabaseServerUnavailable ||
    error instanceof DatabaseUnsuitable ||
    error instanceof EncryptionKeyUnusable
  )
    return error.message;
  const { code = '', address, port, path } = error as NodeJS.ErrnoException & { address?: string; port?: number };
  if (path && FILE_FAULTS[code]) return `${path} ${FILE_FAULTS[code]}.`;
  if (code === 'EADDRINUSE')
    return `Port ${port} on ${address} is already in use. Stop the process that uses it, or set COHORT_PORT (and COHORT_ISSUER).`;
  return undefined;
}
