import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, processEnvironment, type Environment } from '../config/load.ts';
import { buildHouse, type House } from '../src/app.ts';
import { system } from '../src/base/actor.ts';
import { everyGroup } from '../src/groups/group-search.ts';
import { addSampleData } from '../src/demo/sample-data.ts';
import { createLog } from '../src/http/log.ts';
import { layFoundation } from '../src/process-setup.ts';
import { freePort } from '../src/base/free-port.ts';
import { serveBench } from './child.ts';
import { APP_ADDRESS, application, PASSWORD, people } from './sample.ts';

// Cohort as it is run, with its default settings and its log switched on, on an embedded MongoDB that has nothing else to do.
const [, , dataDir = ''] = process.argv;
const port = await freePort();
const environment = environmentOf(processEnvironment());
const config = loadConfig(environment);
let source = '';
const { server, sealingKeys } = await layFoundation(config, environment, (line) => (source = line));
const house = await buildHouse({ config, uri: server.uri, sealingKeys, log: createLog(config.logLevel) });
await house.start({ withChores: false });
await addPeople(house);
await house.http.listen(config.port, config.host);
const admin = house.database.connection.db!.admin();

serveBench({
  ready: { origin: config.issuer, databasePid: databasePid(), database: await describeDatabase(admin) },
  commands: () => countCommands(admin),
  async stop() {
    await house.stop();
    await server.stop();
  },
});

/** Nothing of the caller's settings but where to find a mongod; limits that a person could never reach would stop the bench. */
function environmentOf({ PATH, HOME, MONGOD_BINARY, COHORT_CACHE_DIR }: Environment): Environment {
  return {
    PATH,
    HOME,
    MONGOD_BINARY,
    COHORT_CACHE_DIR,
    COHORT_DATA_DIR: dataDir,
    COHORT_ISSUER: `http://127.0.0.1:${port}`,
    COHORT_PORT: String(port),
    COHORT_SIGN_IN_ATTEMPTS: '100000',
    COHORT_SIGN_IN_ATTEMPTS_BY_ADDRESS: '100000',
    COHORT_API_REQUESTS_PER_MINUTE: '10000000',
    COHORT_SHUTDOWN_SECONDS: '2',
  };
}

/** The demo's groups, roles and applications, and a person for each worker. */
async function addPeople({ applications, credentials, groups, memberships, users }: House): Promise<void> {
  await addSampleData(house, APP_ADDRESS);
  await applications.update(system, application.id, { skip_consent: true, require_pkce: true });
  const hash = await credentials.prepare(PASSWORD, people[0]!, '#/password');
  const ids: string[] = [];
  for (const username of people) {
    const person = { username, first_name: 'Ada', last_name: 'Lovelace', kind: 'customer', custom_data: {} } as const;
    ids.push((await users.create(system, person, { hash, temporary: false })).id);
  }
  for (const { id } of (await groups.search(everyGroup, { list: '', limit: 10 })).items)
    await memberships.add(system, id, { userIds: ids });
}

/** What a request can cause; not what drivers and change streams send every second whether or not there are requests. */
const COUNTED = ['find', 'insert', 'update', 'delete', 'findAndModify', 'aggregate', 'commitTransaction'];

/** As the database itself counts them, since it was started. */
async function countCommands(admin: Admin): Promise<Record<string, number>> {
  // A cast, because only these few of the many figures are read.
  const { metrics } = (await admin.serverStatus()) as { metrics: { commands: Record<string, { total: number }> } };
  return Object.fromEntries(COUNTED.map((name) => [name, Number(metrics.commands[name]?.total ?? 0)]));
}

function databasePid(): number {
  // A cast, because Cohort itself wrote the file.
  return (JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number }).pid;
}

type Admin = ReturnType<NonNullable<House['database']['connection']['db']>['admin']>;

async function describeDatabase(admin: Admin): Promise<string> {
  const { version } = (await admin.buildInfo()) as { version: string };
  const [, from = source] = /^Database: ([^(,]*?) ?[(,]/.exec(source) ?? [];
  return `MongoDB ${version} (${from})`;
}
