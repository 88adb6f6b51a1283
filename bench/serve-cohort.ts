import { loadConfig, type Environment } from '../config/load.ts';
import { createApp, type App } from '../src/app/app.ts';
import { holdPort } from '../src/platform/free-port.ts';
import { createLog } from '../src/platform/http/log.ts';
import { layFoundation } from '../src/app/process-setup.ts';
import { serveBench } from './child.ts';
import { countWork, databasePid, describeDatabase } from './database-counts.ts';
import { databaseEnvironment } from './environment.ts';
import { describeHashing } from './hashing.ts';

export interface CohortOptions {
  /** Of the embedded MongoDB, which has nothing else to do. */
  dataDir: string;
  /** Settings other than those that every bench needs. */
  settings?: Environment;
  /** Makes what the requests will ask for and is not there yet. */
  prepare?(app: App): Promise<void>;
  /** What the bench can order besides requests. */
  orders?(app: App): Record<string, () => Promise<unknown>>;
  /** Scheduled tasks would disturb short measurements. */
  withTasks?: boolean;
}

/** Limits that a user could never reach would stop the bench. */
const BENCH_SETTINGS: Environment = {
  COHORT_SIGN_IN_ATTEMPTS: '100000',
  COHORT_SIGN_IN_ATTEMPTS_PER_IP: '100000',
  COHORT_API_REQUESTS_PER_MINUTE: '10000000',
  COHORT_SHUTDOWN_GRACE_SECONDS: '2',
  // As the bare provider signs, and not with what is quicker.
  COHORT_SIGNING_ALGORITHMS: 'RS256',
};

/** Makes this process a Cohort as it is run, with its log switched on. */
export async function serveCohort({
  dataDir,
  settings,
  prepare,
  orders,
  withTasks = false,
}: CohortOptions): Promise<void> {
  const { port, release } = await holdPort();
  const address = { COHORT_ISSUER: `http://127.0.0.1:${port}`, COHORT_PORT: String(port) };
  const { app, config, source, stop } = await openCohort(dataDir, { ...address, ...settings });
  await app.start({ withTasks });
  await prepare?.(app);
  await release();
  await app.http.listen(config.port, config.host);
  const admin = app.database.connection.db!.admin();
  serveBench({
    ready: {
      origin: config.issuer,
      databasePid: databasePid(dataDir),
      about: `${await describeDatabase(admin, source)}, ${describeHashing(config)}`,
    },
    count: () => countWork(admin),
    orders: orders?.(app) ?? {},
    stop,
  });
}

/** A Cohort that is not started yet, on the embedded MongoDB. */
export async function openCohort(dataDir: string, settings: Environment = {}) {
  const environment = { ...databaseEnvironment(dataDir), ...BENCH_SETTINGS, ...settings };
  const config = loadConfig(environment);
  let source = '';
  const { server, encryptionKeys } = await layFoundation(config, environment, (line) => (source = line));
  const app = await createApp({ config, uri: server.uri, encryptionKeys, log: createLog(config.logLevel) });
  const stop = async () => {
    await app.stop();
    await server.stop();
  };
  return { app, config, source, stop };
}
