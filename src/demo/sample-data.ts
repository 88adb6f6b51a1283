import { system } from '../platform/actor.ts';
import type { App } from '../app/app.ts';
import { everyGroup } from '../directory/groups/group-search.ts';
import type { NewUser } from '../directory/users/user.ts';
import { everybody } from '../directory/users/user-search.ts';

const PASSWORD = 'Cohort#2026';

/** The service and the application of the demo, whose secrets everybody knows. */
export const demoService = { id: 'demo-service', secret: 'demo-service-secret' };
export const demoApplication = { id: 'demo-app', secret: 'demo-app-secret' };

/** Makes the sample users, groups, roles and applications that do not exist yet, and leaves existing ones as they are. */
export async function addSampleData(app: App, appAddress: string): Promise<void> {
  const roles = new Map<string, string>();
  for (const name of ['pilot', 'employee']) roles.set(name, await roleNamed(app, name));
  const pilots = await groupNamed(app, 'Pilots', 'Users who fly', [roles.get('pilot')!]);
  const staff = await groupNamed(app, 'Staff', 'All employees', [roles.get('employee')!]);
  await user(app, {
    username: 'owner@example.com',
    first_name: 'Olive',
    last_name: 'Owner',
    kind: 'administrator',
    admin_roles: ['owner'],
  });
  const ada = await user(app, {
    username: 'ada@example.com',
    first_name: 'Ada',
    last_name: 'Lovelace',
    kind: 'customer',
  });
  await user(app, { username: 'grace@example.com', first_name: 'Grace', last_name: 'Hopper', kind: 'customer' });
  if (ada.isNew) {
    for (const group of [pilots, staff]) await app.memberships.add(system, group, { userIds: [ada.id] });
  }
  await addApplications(app, appAddress);
}

async function addApplications({ applications, modules }: App, appAddress: string): Promise<void> {
  const base = { description: '', post_logout_redirect_uris: [], skip_consent: false, require_pkce: false, ...PLAIN };
  if (!(await applications.find(demoService.id))) {
    const scopes = modules.flatMap((module) => Object.keys(module.scopes ?? {}));
    await applications.create(
      system,
      { ...base, client_id: demoService.id, name: 'Demo service', type: 'service', redirect_uris: [], scopes },
      demoService.secret,
    );
  }
  // Where the application runs may differ from one start to the next.
  const addresses = { redirect_uris: [`${appAddress}/callback`], post_logout_redirect_uris: [`${appAddress}/`] };
  if (await applications.find(demoApplication.id)) {
    await applications.update(system, demoApplication.id, addresses);
    return;
  }
  await applications.create(
    system,
    { ...base, ...addresses, client_id: demoApplication.id, name: 'Demo application', type: 'web', scopes: [] },
    demoApplication.secret,
  );
}

async function user(app: App, user: Pick<NewUser, 'username' | 'first_name' | 'last_name' | 'kind' | 'admin_roles'>) {
  const { items } = await app.users.search({ ...everybody, username: user.username }, { list: '', limit: 1 });
  const [existing] = items;
  if (existing) return { id: existing.id, isNew: false };
  const hash = await app.credentials.prepare(PASSWORD, user.username, '#/password');
  const { id } = await app.users.create(system, { ...user, custom_data: {} }, { hash, temporary: false });
  return { id, isNew: true };
}

const PLAIN = { parent_id: null, requires_second_factor: false };

async function groupNamed({ groups }: App, name: string, description: string, roleIds: string[]): Promise<string> {
  const { items } = await groups.search({ ...everyGroup, name }, { list: '', limit: 1 });
  const [existing] = items;
  return (
    existing ?? (await groups.create(system, { ...PLAIN, name, description, custom_data: {}, role_ids: roleIds }))
  ).id;
}

async function roleNamed({ roles }: App, name: string): Promise<string> {
  const { items } = await roles.list({}, { list: '', limit: 100 });
  const existing = items.find((role) => role.name === name);
  return (existing ?? (await roles.create(system, { ...PLAIN, name, description: '' }))).id;
}
