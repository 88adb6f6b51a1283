import cluster from 'node:cluster';
import { loadConfig, processEnvironment } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import type { App } from './app.ts';
import type { DatabaseServer } from '../platform/db/database-server.ts';
import type { EncryptionKey } from '../platform/encryption.ts';
import { createLog, type Log } from '../platform/http/log.ts';
import { layFoundation, operatorSentence } from './process-setup.ts';
import { keepApp } from './reload.ts';
import { collectStartGarbage } from './start-garbage.ts';
import { exitAfter, stopOnSignal } from './stop-signals.ts';
import {
  askAssignment,
  changesFromPrimary,
  questionsToPrimary,
  relayToWorkers,
  runWorkers,
  shareMetrics,
  stopWhenTold,
  type WorkersRelay,
} from './workers.ts';

type Stop = () => Promise<void>;

/** Starts Cohort in this process, or in several that share the port. */
async function start(config: Config): Promise<Stop> {
  if (cluster.isWorker) return startWorker(config);
  const log = createLog(config.logLevel);
  const { server, encryptionKeys } = await layFoundation(config, processEnvironment(), (line) => console.log(line));
  try {
    const { uri, isLost: isDatabaseLost } = server;
    const changeRelay = config.workers > 1 ? relayToWorkers() : undefined;
    const environment = processEnvironment();
    const kept = await keepApp({ environment, uri, encryptionKeys, log, isDatabaseLost, changeRelay });
    await announceBootstrap(config, kept.app);
    const stopServing = changeRelay
      ? await serveWithWorkers(config, { server, encryptionKeys, changeRelay, log })
      : await serve(config, kept.app);
    return async () => {
      await stopServing();
      await kept.stop();
      await server.stop();
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function serve(config: Config, app: App): Promise<Stop> {
  const port = await app.http.listen(config.port, config.host);
  announce(config, port);
  return async () => {};
}

interface ForWorkers {
  server: DatabaseServer;
  encryptionKeys: EncryptionKey[];
  changeRelay: WorkersRelay;
  log: Log;
}

async function serveWithWorkers(
  config: Config,
  { server, encryptionKeys: keys, changeRelay: relay, log }: ForWorkers,
): Promise<Stop> {
  const { uri, isLost: isDatabaseLost } = server;
  const encryptionKeys = keys.map(({ id, key }) => ({ id, key: key.toString('base64') }));
  const workers = runWorkers({
    count: config.workers,
    relay,
    assignment: { uri, encryptionKeys },
    isDatabaseLost,
    onDeath: (worker) => log.error({ worker: worker.id }, 'worker exited, starting another one'),
  });
  await workers.listening();
  announce(config, config.port);
  return workers.stop;
}

/** A worker only serves requests; scheduled tasks, keys and bootstrap belong to the primary process. */
async function startWorker(config: Config): Promise<Stop> {
  const { uri, encryptionKeys } = await askAssignment();
  const log = createLog(config.logLevel, { worker: cluster.worker!.id });
  const ask = questionsToPrimary();
  const kept = await keepApp({
    environment: processEnvironment(),
    uri,
    encryptionKeys,
    log,
    collectMetrics: shareMetrics(ask),
    changeSource: changesFromPrimary,
    isDatabaseLost: () => ask('isDatabaseLost'),
    withTasks: false,
  });
  await kept.app.http.listen(config.port, config.host);
  return kept.stop;
}

async function announceBootstrap(config: Config, { bootstrap }: App): Promise<void> {
  if (!(await bootstrap.isNeeded())) return;
  if (config.ownerEmail && config.ownerPassword) {
    const owner = await bootstrap.makeOwner({
      email: config.ownerEmail,
      firstName: '',
      lastName: '',
      password: config.ownerPassword,
    });
    console.log(`First owner:  ${owner.username} (from the configuration)`);
    return;
  }
  console.log(`First owner:  open ${await bootstrap.makeLink()} (works once, for 24 hours)`);
}

function announce(config: Config, port: number): void {
  console.log(`Issuer:       ${config.issuer}`);
  console.log(`Console:      ${config.issuer}/console`);
  console.log(`Admin API:    ${config.issuer}/v1 (documentation at ${config.issuer}/v1/docs)`);
  console.log(`Listening on  ${config.host}:${port}${config.workers > 1 ? ` with ${config.workers} workers` : ''}`);
}

try {
  let stop: Stop = async () => {};
  // Before the start, because a process that is only just starting may be told to stop too.
  if (cluster.isWorker) stopWhenTold(() => exitAfter(stop));
  else stopOnSignal(() => stop(), processEnvironment());
  stop = await start(loadConfig(processEnvironment()));
  collectStartGarbage();
} catch (error) {
  console.error(operatorSentence(error) ?? error);
  process.exit(1);
}
