// Run by new-module.test.ts in a copy of the sources to which the module was added.
import { loadConfig } from '../../config/load.ts';
import { createApp } from '../../src/app/app.ts';
import { createLog } from '../../src/platform/http/log.ts';
import { system } from '../../src/platform/actor.ts';

const config = loadConfig({ COHORT_ISSUER: 'http://localhost:3000', COHORT_LOG_LEVEL: 'silent' });
const app = await createApp({
  config,
  uri: process.argv[2]!,
  encryptionKeys: [{ id: 'test', key: Buffer.alloc(32, 7) }],
  log: createLog(config.logLevel),
});
await app.start({ withTasks: false });
const user = await app.users.create(system, {
  username: 'ada@example.com',
  first_name: 'Ada',
  last_name: '',
  kind: 'customer',
  custom_data: {},
});
const { call } = app.calls.callsOf(system);
const setBadge = app.endpoints.find(({ path }) => path === '/v1/users/{user_id}/badge')!;
await call(setBadge, { params: { user_id: user.id }, body: { title: 'Pilot' } });
const module = app.modules.find(({ name }) => name === 'badges')!;
const application = await app.applications.find('cohort-account');
const claims = await module.claimSources![0]!.read({ user, application: application! });
await module.tasks![0]!.run(new AbortController().signal);
await app.users.remove(system, user.id);
const left = await app.database.connection.collection('badges').countDocuments();
const isDocumented = JSON.stringify(app.document()).includes('/v1/users/{user_id}/badge');
await app.stop();
process.stdout.write(JSON.stringify({ claims, scope: app.scopes['badges:write'], left, isDocumented }));
