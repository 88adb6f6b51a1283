import type { Adapter } from 'oidc-provider';
import { loadConfig } from '../config/load.ts';
import { layFoundation } from '../src/app/process-setup.ts';
import type { DatabaseCounts } from './child.ts';
import { countWork, databasePid, describeDatabase } from './database-counts.ts';
import { databaseEnvironment } from './environment.ts';
import { openExampleDatabase } from './example-adapter.ts';

export interface PlainDatabase {
  pid: number;
  about: string;
  adapterOf(model: string): Adapter;
  count(): Promise<DatabaseCounts>;
  stop(): Promise<void>;
}

/** The same MongoDB as Cohort has, in a folder of its own, for a provider without Cohort. */
export async function openPlainDatabase(dataDir: string): Promise<PlainDatabase> {
  const environment = databaseEnvironment(dataDir);
  let source = '';
  const { server } = await layFoundation(loadConfig(environment), environment, (line) => (source = line));
  const { client, adapterOf } = await openExampleDatabase(server.uri);
  const admin = client.db().admin();
  return {
    pid: databasePid(dataDir),
    about: `${await describeDatabase(admin, source)} with the example adapter`,
    adapterOf,
    count: () => countWork(admin),
    async stop() {
      await client.close();
      await server.stop();
    },
  };
}
