import type { App } from '../src/app/app.ts';
import { system } from '../src/platform/actor.ts';
import { addSampleData } from '../src/demo/sample-data.ts';
import { everyGroup } from '../src/directory/groups/group-search.ts';
import { APP_ADDRESS, application, PASSWORD, people } from './sample.ts';
import { serveCohort } from './serve-cohort.ts';

// Cohort with its default settings, for the comparison with a bare provider.
const [, , dataDir = ''] = process.argv;
await serveCohort({ dataDir, prepare: addUsers });

/** The demo's groups, roles and applications, and a user for each worker. */
async function addUsers(app: App): Promise<void> {
  const { applications, credentials, groups, memberships, users } = app;
  await addSampleData(app, APP_ADDRESS);
  await applications.update(system, application.id, { skip_consent: true, require_pkce: true });
  const hash = await credentials.prepare(PASSWORD, people[0]!, '#/password');
  const ids: string[] = [];
  for (const username of people) {
    const user = { username, first_name: 'Ada', last_name: 'Lovelace', kind: 'customer', custom_data: {} } as const;
    ids.push((await users.create(system, user, { hash, temporary: false })).id);
  }
  for (const { id } of (await groups.search(everyGroup, { list: '', limit: 10 })).items)
    await memberships.add(system, id, { userIds: ids });
}
