import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, processEnvironment, type Environment } from '../config/load.ts';
import { createApp, type App } from '../src/app/app.ts';
import { freePort } from '../src/platform/free-port.ts';
import { createLog } from '../src/platform/http/log.ts';
import { layFoundation } from '../src/app/process-setup.ts';
import { serveBench, type DatabaseCounts } from './child.ts';

export interface CohortOptions {
  /** Of the embedded MongoDB, which has nothing else to do. */
  dataDir: string;
  /** Settings other than those that every bench needs. */
  settings?: Environment;
  /** Makes what the requests will ask for. */
  prepare(app: App): Promise<void>;
  /** What the bench can order besides requests. */
  orders?(app: App): Record<string, () => Promise<void>>;
}

/** Makes this process a Cohort as it is run, with its log switched on and its scheduled tasks off. */
export async function serveCohort({ dataDir, settings, prepare, orders }: CohortOptions): Promise<void> {
  const environment = { ...(await benchEnvironment(dataDir)), ...settings };
  const config = loadConfig(environment);
  let source = '';
  const { server, encryptionKeys } = await layFoundation(config, environment, (line) => (source = line));
  const app = await createApp({ config, uri: server.uri, encryptionKeys, log: createLog(config.logLevel) });
  await app.start({ withTasks: false });
  await prepare(app);
  await app.http.listen(config.port, config.host);
  const admin = app.database.connection.db!.admin();
  serveBench({
    ready: {
      origin: config.issuer,
      databasePid: databasePid(dataDir),
      database: await describeDatabase(admin, source),
    },
    count: () => countWork(admin),
    orders: orders?.(app) ?? {},
    async stop() {
      await app.stop();
      await server.stop();
    },
  });
}

/** Nothing of the caller's settings but where to find a mongod; limits that a user could never reach would stop the bench. */
async function benchEnvironment(dataDir: string): Promise<Environment> {
  const { PATH, HOME, MONGOD_BINARY, COHORT_CACHE_DIR } = processEnvironment();
  const port = await freePort();
  return {
    PATH,
    HOME,
    MONGOD_BINARY,
    COHORT_CACHE_DIR,
    COHORT_DATA_DIR: dataDir,
    COHORT_ISSUER: `http://127.0.0.1:${port}`,
    COHORT_PORT: String(port),
    COHORT_SIGN_IN_ATTEMPTS: '100000',
    COHORT_SIGN_IN_ATTEMPTS_PER_IP: '100000',
    COHORT_API_REQUESTS_PER_MINUTE: '10000000',
    COHORT_SHUTDOWN_GRACE_SECONDS: '2',
    // As the bare provider signs, and not with what is quicker.
    COHORT_SIGNING_ALGORITHMS: 'RS256',
  };
}

/** What a request can cause; not what drivers and change streams send every second whether or not there are requests. */
const COUNTED = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate', 'commitTransaction'];

interface ServerStatus {
  metrics: {
    commands: Record<string, { total: number }>;
    queryExecutor: { scanned: number; scannedObjects: number };
  };
}

/** As the database itself counts it, since it was started. */
async function countWork(admin: Admin): Promise<DatabaseCounts> {
  // A cast, because only these few of the many figures are read.
  const { metrics } = (await admin.serverStatus()) as unknown as ServerStatus;
  const { scanned, scannedObjects } = metrics.queryExecutor;
  const totals = COUNTED.map((name) => [name, Number(metrics.commands[name]?.total ?? 0)] as const);
  return { commands: Object.fromEntries(totals), keys: Number(scanned), documents: Number(scannedObjects) };
}

function databasePid(dataDir: string): number {
  // A cast, because Cohort itself wrote the file.
  return (JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number }).pid;
}

type Admin = ReturnType<NonNullable<App['database']['connection']['db']>['admin']>;

async function describeDatabase(admin: Admin, source: string): Promise<string> {
  const { version } = (await admin.buildInfo()) as { version: string };
  const [, from = source] = /^Database: ([^(,]*?) ?[(,]/.exec(source) ?? [];
  return `MongoDB ${version} (${from})`;
}
