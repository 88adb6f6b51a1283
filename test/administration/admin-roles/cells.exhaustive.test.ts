import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rightsOf, scopesOfRoles } from '../../../src/administration/admin-roles/administrator.ts';
import { system, type Actor } from '../../../src/platform/actor.ts';
import type { Endpoint } from '../../../src/platform/http/endpoint.ts';
import { ADMIN_ROLES, type AdminRole } from '../../../src/directory/users/admin-role.ts';
import { authorizationPage } from '../../support/authorization-page.ts';
import { giveApplication, giveGroup, giveUser, giveRole, giveService, serviceToken } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';
import { keyOf, pathOf, startEndpoints, type EndpointRequests } from '../admin-api/endpoint-requests.ts';
import { GOOD_BODIES, NOBODY } from '../admin-api/good-bodies.ts';

/** Who may make the calls that matter most, written by hand: administrators without an admin scope, by role. */
const SENSITIVE: Record<string, AdminRole[]> = {
  'put /v1/users/{user_id}/admin-roles': ['owner'],
  'patch /v1/settings': ['owner'],
  'post /v1/keys/rotate': ['owner'],
  'post /v1/mail/test': ['owner'],
  'get /v1/audit-events': ['owner', 'auditor'],
  'post /v1/applications': ['owner', 'applications'],
  'post /v1/applications/{client_id}/secret': ['owner', 'applications'],
  'delete /v1/applications/{client_id}': ['owner', 'applications'],
  'put /v1/applications/{client_id}/access': ['owner', 'applications'],
  'put /v1/applications/{client_id}/claim-policy': ['owner', 'applications'],
  'put /v1/applications/{client_id}/signals': ['owner', 'applications'],
  'delete /v1/applications/{client_id}/signals/streams/{stream_id}': ['owner', 'applications'],
  'post /v1/webhooks': ['owner'],
  'post /v1/webhooks/{webhook_id}/secret': ['owner'],
  'get /v1/webhooks/{webhook_id}/deliveries': ['owner', 'auditor'],
  'delete /v1/users/{user_id}': ['owner', 'users'],
  'put /v1/users/{user_id}/password': ['owner', 'users', 'support'],
  'delete /v1/users/{user_id}/factors': ['owner', 'users', 'support'],
  'post /v1/imports': ['owner', 'users', 'groups'],
  'get /v1/jobs/{job_id}/file': ['owner', 'users', 'groups', 'auditor'],
  'post /v1/groups/{group_id}/members': ['owner', 'groups'],
  'put /v1/groups/{group_id}/owners/{user_id}': ['owner', 'groups'],
};

/** And what an administrator with an admin scope may call although it changes something, inside of it. */
const CHANGES_WITH_ADMIN_SCOPE = [
  'delete /v1/groups/{group_id}',
  'delete /v1/groups/{group_id}/former-names/{former_name}',
  'delete /v1/groups/{group_id}/members',
  'delete /v1/groups/{group_id}/members/{user_id}',
  'delete /v1/groups/{group_id}/owners/{user_id}',
  'delete /v1/users/{user_id}',
  'delete /v1/users/{user_id}/applications/{client_id}',
  'delete /v1/users/{user_id}/factors',
  'delete /v1/users/{user_id}/factors/{factor_id}',
  'delete /v1/users/{user_id}/invitation',
  'delete /v1/users/{user_id}/lock',
  'delete /v1/users/{user_id}/residual-access',
  'delete /v1/users/{user_id}/sessions',
  'delete /v1/users/{user_id}/sessions/{session_id}',
  'patch /v1/groups/{group_id}',
  'patch /v1/groups/{group_id}/members/{user_id}',
  'patch /v1/users/{user_id}',
  'post /v1/bulk/users',
  'post /v1/groups',
  'post /v1/groups/{group_id}/members',
  'post /v1/users',
  'post /v1/users/{user_id}/disable',
  'post /v1/users/{user_id}/enable',
  'post /v1/users/{user_id}/invitation',
  'put /v1/users/{user_id}/groups',
  'put /v1/users/{user_id}/password',
];

/** Every endpoint by every kind of caller, against what the endpoint declares. */
describe('authorization', () => {
  let on: EndpointRequests;
  let inside: Record<string, string>;
  let outside: Record<string, string>;
  let limited: Actor;

  beforeAll(async () => {
    on = await startEndpoints();
    const { test } = on;
    const fleet = await giveGroup(test, 'Fleet');
    const clientId = (await giveApplication(test)).id;
    const thingsIn = async (name: string, parentId: string | null) => {
      const role = await giveRole(test, `${name} role`);
      const group = await giveGroup(test, name, [], [role.id], { parent_id: parentId });
      const user = await giveUser(test, `${name}@example.com`.toLowerCase());
      await test.app.memberships.add(system, group.id, { userIds: [user.id] });
      const others = { client_id: clientId, session_id: NOBODY, factor_id: 'totp', job_id: NOBODY };
      return { user_id: user.id, group_id: group.id, role_id: role.id, ...others };
    };
    inside = await thingsIn('Pilots', fleet.id);
    outside = await thingsIn('Staff', null);
    const user = await giveUser(test, 'limited@example.com', {
      kind: 'administrator',
      adminRoles: ['users', 'groups', 'support', 'auditor'],
    });
    const scoped = await test.app.users.setAdministration(system, user.id, {
      adminRoles: ['users', 'groups', 'support', 'auditor'],
      adminScope: [fleet.id],
    });
    limited = actorOf(scoped.id, rightsOf(scoped, allScopes()));
  });
  afterAll(() => on.stop());

  const allScopes = () => Object.keys(on.test.app.scopes);
  const actorOf = (id: string, rights: Pick<Actor, 'scopes' | 'adminScope'>): Actor => ({
    kind: 'user',
    id,
    name: 'administrator',
    ...rights,
  });
  const withRole = (role: AdminRole) =>
    actorOf(NOBODY, { scopes: scopesOfRoles({ kind: 'administrator', adminRoles: [role] }, allScopes()) });

  /** Bodies that place what they create or change where the path is about. */
  const bodyFor = (endpoint: Endpoint, { group_id: groupId = '' }: Record<string, string>): object | undefined => {
    const placed: Record<string, object> = {
      'post /v1/users': { username: 'new@example.com', group_ids: [groupId] },
      'post /v1/bulk/users': { users: [{ username: 'new@example.com', group_ids: [groupId] }] },
      'post /v1/groups': { name: 'New', parent_id: groupId },
      'put /v1/users/{user_id}/groups': { group_ids: [groupId] },
    };
    return placed[keyOf(endpoint)] ?? GOOD_BODIES[keyOf(endpoint)];
  };

  async function allowed(actor: Actor, things: Record<string, string>, isPlaced = true): Promise<string[]> {
    const { allows } = on.test.app.calls.callsOf(actor);
    const names: string[] = [];
    for (const endpoint of on.endpoints) {
      const params = Object.fromEntries(Object.entries(things).filter(([name]) => endpoint.path.includes(`{${name}}`)));
      const body = isPlaced ? bodyFor(endpoint, things) : GOOD_BODIES[keyOf(endpoint)];
      if (await allows(endpoint, params, body)) names.push(keyOf(endpoint));
    }
    return names.sort();
  }
  const declared = (isAllowed: (endpoint: Endpoint) => boolean) => on.endpoints.filter(isAllowed).map(keyOf).sort();

  it.each(ADMIN_ROLES)('lets administrators with the role %s call what their scopes allow', async (role) => {
    const { scopes } = withRole(role);
    expect(await allowed(withRole(role), inside, false)).toEqual(declared(({ scope }) => scopes.has(scope)));
  });

  it('lets nobody else make the calls of the list above', async () => {
    const callers: Record<string, AdminRole[]> = {};
    for (const role of ADMIN_ROLES)
      for (const name of await allowed(withRole(role), inside, false)) (callers[name] ??= []).push(role);
    for (const [name, roles] of Object.entries(SENSITIVE))
      expect({ name, roles: callers[name]?.sort() }).toEqual({ name, roles: [...roles].sort() });
  });

  it('lets administrators with an admin scope call what the endpoint declares for things inside of it', async () => {
    const names = await allowed(limited, inside);
    expect(names).toEqual(
      declared(
        ({ scope, authorize }) => limited.scopes.has(scope) && !authorize.withAdminScope.startsWith('Not allowed'),
      ),
    );
    expect(names.filter((name) => !name.startsWith('get '))).toEqual(CHANGES_WITH_ADMIN_SCOPE);
  });

  it('lets them see and change nothing outside of it', async () => {
    const isOpen = ({ authorize }: Endpoint) => /^(No restriction|Returns only)/.test(authorize.withAdminScope);
    expect(await allowed(limited, outside)).toEqual(
      declared((endpoint) => limited.scopes.has(endpoint.scope) && isOpen(endpoint)),
    );
  });

  it('lets services with the scope, and no others', async () => {
    const all = await giveService(on.test);
    const weak = await giveService(on.test, ['statistics:read']);
    const weakToken = `Bearer ${await serviceToken(on.test, weak, 'statistics:read')}`;
    for (const endpoint of on.endpoints) {
      const strong = `Bearer ${await serviceToken(on.test, all, [...new Set([endpoint.scope, 'users:read', 'groups:read', 'audit:read'])].join(' '))}`;
      const refused = endpoint.scope === 'statistics:read' ? 200 : 403;
      expect({ name: keyOf(endpoint), status: (await on.send(endpoint, { authorization: weakToken })).status }).toEqual(
        {
          name: keyOf(endpoint),
          status: refused,
        },
      );
      const { status, body } = await on.send(endpoint, { authorization: strong });
      // A job type takes the scopes of what it changes too.
      const isOfJob = body.code === 'insufficient_scope' && /\/v1\/(jobs|imports)/.test(endpoint.path);
      expect({ name: keyOf(endpoint), isAllowed: isOfJob || ![401, 403].includes(status) }).toEqual({
        name: keyOf(endpoint),
        isAllowed: true,
      });
    }
  });

  it('lets no customer and nobody without a token in', async () => {
    const party = await relyingParty(on.test, await giveApplication(on.test));
    const { tokens } = await party.signIn({ login: 'pilots@example.com' });
    for (const endpoint of on.endpoints)
      for (const authorization of ['', `Bearer ${tokens.access_token}`, `Bearer ${tokens.id_token}`]) {
        const { status } = await on.send(endpoint, { authorization, path: pathOf(endpoint) });
        expect({ name: keyOf(endpoint), status }).toEqual({ name: keyOf(endpoint), status: 401 });
      }
  });

  it('is in the documents as the endpoints declare it', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/authorization.md'), 'utf8');
    expect(page).toBe(await authorizationPage());
    for (const endpoint of on.endpoints)
      expect(page).toContain(`| \`${endpoint.method.toUpperCase()} ${endpoint.path}\` | \`${endpoint.scope}\` |`);
  });
});
