import type { App } from '../src/app/app.ts';
import { system } from '../src/platform/actor.ts';
import { addSampleData } from '../src/demo/sample-data.ts';
import { newApplicationShape } from '../src/directory/applications/application.ts';
import { everyGroup } from '../src/directory/groups/group-search.ts';
import { addCrowd } from './crowd.ts';
import { APP_ADDRESS, application, PASSWORD, people, publicApplication } from './sample.ts';
import { openCohort } from './serve-cohort.ts';

// Fills the database of a Cohort and ends, so that the memory of the server that is measured afterwards is its own.
const [, , dataDir = ''] = process.argv;
const { app, stop } = await openCohort(dataDir);
await app.start({ withTasks: false });
await prepare(app);
await stop();

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
