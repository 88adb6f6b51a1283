import type { App } from '../src/app/app.ts';
import { system } from '../src/platform/actor.ts';
import { addSampleData } from '../src/demo/sample-data.ts';
import { newApplicationShape } from '../src/directory/applications/application.ts';
import { everyGroup } from '../src/directory/groups/group-search.ts';
import { VITALS, WITH_TASKS } from './child.ts';
import { addCrowd } from './crowd.ts';
import { APP_ADDRESS, application, PASSWORD, people, publicApplication } from './sample.ts';
import { serveCohort } from './serve-cohort.ts';
import { createVitals } from './vitals.ts';

// Cohort with its default settings.
const [, , dataDir = '', option] = process.argv;
const vitals = createVitals();
await serveCohort({
  dataDir,
  prepare,
  withTasks: option === WITH_TASKS,
  orders: () => ({ [VITALS]: async () => vitals() }),
});

async function prepare(app: App): Promise<void> {
  const { applications, credentials } = app;
  await addSampleData(app, APP_ADDRESS);
  await applications.update(system, application.id, { skip_consent: true, require_pkce: true });
  await applications.create(system, publicClient());
  const hash = await credentials.prepare(PASSWORD, people[0]!, '#/password');
  await addUsers(app, hash);
  await addCrowd(app, hash);
}

/** A user for each worker, in the demo's groups. */
async function addUsers({ groups, memberships, users }: App, hash: string): Promise<void> {
  const ids: string[] = [];
  for (const username of people) {
    const user = { username, first_name: 'Ada', last_name: 'Lovelace', kind: 'customer', custom_data: {} } as const;
    ids.push((await users.create(system, user, { hash, temporary: false })).id);
  }
  for (const { id } of (await groups.search(everyGroup, { list: '', limit: 10 })).items)
    await memberships.add(system, id, { userIds: ids });
}

function publicClient() {
  const { id, redirectUri } = publicApplication;
  return newApplicationShape.parse({
    client_id: id,
    name: 'Application in the browser',
    type: 'spa',
    redirect_uris: [redirectUri],
    skip_consent: true,
    require_pkce: true,
  });
}
