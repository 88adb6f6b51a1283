import type { House } from '../src/app/app.ts';
import { system } from '../src/platform/actor.ts';
import { addSampleData } from '../src/demo/sample-data.ts';
import { everyGroup } from '../src/directory/groups/group-search.ts';
import { APP_ADDRESS, application, PASSWORD, people } from './sample.ts';
import { serveCohort } from './serve-cohort.ts';

// Cohort with its default settings, for the comparison with a bare provider.
const [, , dataDir = ''] = process.argv;
await serveCohort({ dataDir, prepare: addPeople });

/** The demo's groups, roles and applications, and a person for each worker. */
async function addPeople(house: House): Promise<void> {
  const { applications, credentials, groups, memberships, users } = house;
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
