import type { House } from '../../src/app/app.ts';
import { newApplicationShape, type NewApplication } from '../../src/directory/applications/application.ts';
import { system } from '../../src/platform/actor.ts';
import { isError } from '../../src/platform/errors.ts';
import { newUserShape, UsernameTaken } from '../../src/directory/users/user.ts';
import { application, CHEAP_HASH, owner, PASSWORD, service } from '../sample.ts';
import { serveCohort } from '../serve-cohort.ts';

// Cohort on a database that was filled before. Passwords are verified cheaply: their cost has nothing to do with how many
// people there are, and would hide what has.
const [, , dataDir = '', cacheGb = ''] = process.argv;
await serveCohort({
  dataDir,
  settings: {
    COHORT_DATABASE_CACHE_GB: cacheGb,
    COHORT_ARGON2_MEMORY_KIB: String(CHEAP_HASH.memoryCost),
    COHORT_ARGON2_PASSES: String(CHEAP_HASH.timeCost),
    COHORT_ACCESS_TOKEN_SECONDS: '86400',
  },
  prepare: addVisitors,
  orders: ({ memberships }) => ({ sweep: memberships.sweepAbandoned }),
});

/** Who asks for tokens, and who looks at the console; a database that is used again has them already. */
async function addVisitors(house: House): Promise<void> {
  await addOwner(house);
  await addApplication(house, service, { type: 'service', scopes: Object.keys(house.scopes) });
  await addApplication(house, application, {
    redirect_uris: [application.redirectUri],
    skip_consent: true,
    require_pkce: true,
  });
}

async function addOwner({ users, credentials }: House): Promise<void> {
  const user = newUserShape.parse({ username: owner, kind: 'administrator', admin_roles: ['owner'] });
  const hash = await credentials.prepare(PASSWORD, owner, '#/password');
  try {
    await users.create(system, user, { hash, temporary: false });
  } catch (error) {
    if (!isError(error, UsernameTaken)) throw error;
  }
}

async function addApplication(
  { applications }: House,
  { id, secret }: { id: string; secret: string },
  more: Partial<NewApplication>,
): Promise<void> {
  if (await applications.find(id)) return;
  await applications.create(system, newApplicationShape.parse({ client_id: id, name: id, ...more }), secret);
}
