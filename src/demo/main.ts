import { Argument, Command } from 'commander';
import { loadConfig, processEnvironment, type Environment } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { isLoopbackHost } from '../../config/shapes.ts';
import type { App } from '../app/app.ts';
import { keepApp } from '../app/reload.ts';
import { createLog } from '../platform/http/log.ts';
import { layFoundation } from '../app/process-setup.ts';
import { stopOnSignal } from '../app/stop-signals.ts';
import { walkClaims } from './claims-journey.ts';
import { walkJourney } from './journey.ts';
import { createRelyingParty } from './relying-party.ts';
import { addSampleData } from './sample-data.ts';

/** The demo keeps its own data, logs only what goes wrong, and is for this machine alone. */
function demoConfig(port: number): { config: Config; environment: Environment } {
  const environment = {
    COHORT_DATA_DIR: './data/demo',
    COHORT_DATABASE: 'cohort_demo',
    COHORT_LOG_LEVEL: 'warn',
    COHORT_PORT: String(port),
    COHORT_ISSUER: `http://localhost:${port}`,
    ...processEnvironment(),
  };
  const config = loadConfig(environment);
  const hosts = [new URL(config.issuer).hostname, config.host, ...databaseHosts(config.mongodbUri)];
  const foreign = hosts.find((host) => !isLoopbackHost(host) && host !== '::1');
  if (foreign) throw new Error(`The demo uses well-known passwords, so it runs only on loopback, not on ${foreign}.`);
  return { config, environment };
}

function databaseHosts(uri: string | undefined): string[] {
  const [, hosts = ''] = /^mongodb(?:\+srv)?:\/\/(?:[^@/]*@)?([^/?]*)/.exec(uri ?? '') ?? [];
  return hosts
    .split(',')
    .filter(Boolean)
    .map((host) => host.replace(/:\d+$/, ''));
}

const JOURNEYS = ['sign-in', 'claims'] as const;
type Journey = (typeof JOURNEYS)[number];

interface DemoOptions {
  headless: boolean;
  port: number;
  appPort: number;
}

async function run(journey: Journey, { headless, port, appPort }: DemoOptions): Promise<void> {
  const { config, environment } = demoConfig(port);
  const { server, encryptionKeys } = await layFoundation(config, processEnvironment(), (line) => console.log(line));
  const kept = await keepApp({ environment, uri: server.uri, encryptionKeys, log: createLog(config.logLevel) });
  const { app } = kept;
  const application = `http://localhost:${appPort}`;
  const stops = [server.stop, kept.stop];
  try {
    await addSampleData(app, application);
    await app.http.listen(config.port, config.host);
    if (headless) return await walk(journey, config, application, stops);
    const stopApplication = await serveApplication(app, config, application, appPort);
    stops.push(stopApplication);
    describe(config, application);
    stopOnSignal(() => stopAll(stops), environment);
  } catch (error) {
    await stopAll(stops);
    throw error;
  }
}

async function walk(
  journey: Journey,
  { issuer }: Config,
  application: string,
  stops: (() => Promise<void>)[],
): Promise<void> {
  const options = {
    issuer,
    redirectUri: `${application}/callback`,
    tick: (step: string) => console.log(`✓ ${step}`),
  };
  const result = journey === 'claims' ? await walkClaims(options) : await walkJourney(options);
  await stopAll(stops);
  if (result) console.log(JSON.stringify(result));
}

async function serveApplication(
  app: App,
  { issuer, host }: Config,
  address: string,
  port: number,
): Promise<() => Promise<void>> {
  const party = await createRelyingParty({ issuer, address, views: app.views, assets: app.assets });
  await new Promise<void>((resolve, reject) => party.once('error', reject).listen(port, host, resolve));
  return () =>
    new Promise((resolve) => {
      party.close(() => resolve());
      party.closeAllConnections();
    });
}

function describe({ issuer }: Config, application: string): void {
  console.log(`
Cohort:       ${issuer}
Application:  ${application}  ← sign in here
Customers:    ada@example.com (in Pilots and Staff) and grace@example.com (in no group)
Console:      ${issuer}/console  ← owner@example.com
Password:     Cohort#2026 for all of them
Service:      demo-service / demo-service-secret, with all scopes of the admin API
Admin API:    ${issuer}/v1/docs

Press Ctrl-C to stop.`);
}

// In the reverse order of starting.
async function stopAll(stops: (() => Promise<void>)[]): Promise<void> {
  for (const stop of [...stops].reverse()) await stop();
}

const command = new Command('npm run demo --')
  .description('Cohort with sample data, and an application that signs users in with it')
  .addArgument(new Argument('[journey]', 'what to show with --headless').choices(JOURNEYS).default('sign-in'))
  .option('--headless', 'run a whole journey over HTTP: sign-in prints the claims of the tokens', false)
  .option('--port <number>', 'port of Cohort', Number, 3000)
  .option('--app-port <number>', 'port of the application', Number, 3001);

try {
  command.parse();
  await run(command.processedArgs[0] as Journey, command.opts());
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}
