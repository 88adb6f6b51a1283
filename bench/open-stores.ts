import type { Environment } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { createAuditStore } from '../src/directory/audit/audit.mongo.ts';
import { createEncryption, type Encryption } from '../src/platform/encryption.ts';
import { connect, type Database } from '../src/platform/db/connection.mongo.ts';
import { layFoundation } from '../src/app/process-setup.ts';
import { createRecordStores } from '../src/administration/import-export/record-stores.mongo.ts';
import { createUserStore } from '../src/directory/users/users.mongo.ts';

/** Where people, groups, roles, applications and audit events are kept. */
export type Stores = ReturnType<typeof createStores>;

function createStores({ connection }: Database, encryption: Encryption) {
  return {
    users: createUserStore(connection, () => new Date()),
    things: createRecordStores(connection, () => new Date()),
    audit: createAuditStore(connection, encryption),
  };
}

/** Opens them in the database that the configuration names, with no app around them and no indexes made yet. */
export async function withStores(
  config: Config,
  environment: Environment,
  work: (stores: Stores, database: Database) => Promise<void>,
): Promise<void> {
  const { server, encryptionKeys } = await layFoundation(config, environment, (line) => console.error(line));
  try {
    const database = await connect(server.uri);
    try {
      await work(createStores(database, createEncryption(encryptionKeys)), database);
    } finally {
      await database.close();
    }
  } finally {
    await server.stop();
  }
}
