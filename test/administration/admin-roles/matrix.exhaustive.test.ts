import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { scopesOfRoles } from '../../../src/administration/admin-roles/administrator.ts';
import { system } from '../../../src/platform/actor.ts';
import type { Endpoint } from '../../../src/platform/http/endpoint.ts';
import type { AdminRole } from '../../../src/directory/users/admin-role.ts';
import { changeableSettings } from '../../../config/describe.ts';
import { administratorWith, serviceWith, type Call, type Caller, type Outcome } from '../../support/actors.ts';
import { grantingContents } from '../../support/contents.ts';
import { giveApplication, giveGroup, giveUser, giveService, startApp, type TestApp } from '../../support/app.ts';

/** What a call would grant, and every scope that it takes. */
interface Grant {
  what: string;
  needs: string[];
  /** The call by somebody; it makes what it is about, so that no two calls are about the same. */
  call(caller: Caller): Promise<Omit<Call, 'name'>>;
  /** Whether with all of these scopes it is done; a call about something that is not there is only not forbidden. */
  succeeds?: boolean;
  /** Only services have a client of their own. */
  isOfServices?: true;
}

const NOBODY = 'ffffffffffffffff';
const STRONGER = ['users:write', 'groups:write'];

/** Bodies with which calls about an administrator would be carried out. */
const BODIES: Record<string, object> = {
  'patch /v1/users/{user_id}': { first_name: 'Mallory' },
  'put /v1/users/{user_id}/password': { temporary_password: 'Wander#2026' },
  'put /v1/users/{user_id}/groups': { group_ids: [] },
  'put /v1/users/{user_id}/admin-roles': { roles: [] },
  'patch /v1/groups/{group_id}/members/{user_id}': { until: null },
  'patch /v1/applications/{client_id}': { redirect_uris: [] },
  'put /v1/applications/{client_id}/access': { access: 'everyone' },
  'put /v1/applications/{client_id}/signals': { on_access_lost: 'sign_out' },
  'put /v1/applications/{client_id}/claim-policy': {},
};

/** Calls that change something and grant nothing beyond their own scope, whatever they say. */
const HARMLESS = [
  'post /v1/groups',
  'patch /v1/groups/{group_id}',
  'delete /v1/groups/{group_id}',
  'delete /v1/groups/{group_id}/former-names/{former_name}',
  'post /v1/groups/{group_id}/members',
  'patch /v1/groups/{group_id}/members/{user_id}',
  'delete /v1/groups/{group_id}/members',
  'post /v1/roles',
  'patch /v1/roles/{role_id}',
  'delete /v1/roles/{role_id}',
  'post /v1/keys/rotate',
  'post /v1/mail/test',
  'post /v1/webhooks',
  'patch /v1/webhooks/{webhook_id}',
  'delete /v1/webhooks/{webhook_id}',
  'post /v1/webhooks/{webhook_id}/secret',
  'post /v1/webhooks/{webhook_id}/test',
  'post /v1/webhooks/{webhook_id}/replay',
  'post /v1/webhooks/{webhook_id}/deliveries/{delivery_id}/replay',
];

/** Calls that start or stop long work; `matrix-of-jobs.exhaustive.test.ts` has them. */
const OF_JOBS = ['post /v1/jobs', 'post /v1/imports', 'post /v1/jobs/{job_id}/apply', 'post /v1/jobs/{job_id}/cancel'];

/** Nobody grants what they do not have, at any endpoint, over HTTP and in the console. */
describe('a call of the admin API', () => {
  let test: TestApp;
  let all: string[];
  let serial = 0;

  beforeAll(async () => {
    test = await startApp();
    all = Object.keys(test.app.scopes);
    await giveUser(test, 'first-owner@example.com', { kind: 'administrator' });
  });
  afterAll(() => test.tearDown());

  const username = () => `user${(serial += 1)}@example.com`;
  const scopesOf = (...adminRoles: AdminRole[]) => [...scopesOfRoles({ kind: 'administrator', adminRoles }, all)];
  const administrator = () => giveUser(test, username(), { kind: 'administrator', adminRoles: ['support'] });

  /** What only the bodies of some calls grant. */
  const ofBodies = (): Record<string, Grant[]> => {
    const newUser = (what: string, needs: string[], fields: () => Promise<object>): Grant[] => [
      { what, needs, call: async () => ({ body: { username: username(), ...(await fields()) } }) },
    ];
    const users = [
      ...newUser('an owner', ['users:write', ...all], async () => ({ kind: 'administrator', admin_roles: ['owner'] })),
      ...newUser('a support', ['users:write', 'administrators:write', ...scopesOf('support')], async () => ({
        kind: 'administrator',
        admin_roles: ['support'],
      })),
      ...newUser('a member', ['users:write', 'groups:write'], async () => ({
        group_ids: [(await giveGroup(test, `Group ${(serial += 1)}`)).id],
      })),
    ];
    return {
      'post /v1/users': users,
      'post /v1/bulk/users': users.map(({ what, needs, call }) => ({
        what,
        needs,
        call: async (caller) => ({ body: { users: [(await call(caller)).body] } }),
      })),
      'put /v1/users/{user_id}/admin-roles': [
        {
          what: 'the role of an owner',
          needs: all,
          call: async () => ({ params: { user_id: (await administrator()).id }, body: { roles: ['owner'] } }),
        },
      ],
      'post /v1/applications': [
        {
          what: 'a service with scopes',
          needs: ['applications:write', ...STRONGER],
          call: async () => ({ body: { name: `New ${(serial += 1)}`, type: 'service', scopes: STRONGER } }),
        },
      ],
      'patch /v1/applications/{client_id}': [
        {
          what: 'scopes for another client',
          needs: ['applications:write', ...STRONGER],
          call: async () => ({ params: { client_id: (await giveService(test, [])).id }, body: { scopes: STRONGER } }),
        },
        {
          what: 'scopes for its own client',
          needs: ['applications:write', ...STRONGER],
          isOfServices: true,
          call: async ({ id }) => ({ params: { client_id: id }, body: { scopes: STRONGER } }),
        },
      ],
      'patch /v1/settings': changeableSettings.map(({ variable }) => ({
        what: variable,
        // The environment of the tests has this one, and comes first.
        succeeds: variable !== 'COHORT_SIGN_IN_ATTEMPTS',
        needs: GRANTING_SETTINGS[variable]?.needs ?? ['settings:write'],
        call: async () => ({ body: { [variable]: GRANTING_SETTINGS[variable]?.value ?? null } }),
      })),
    };
  };

  /** What every call grants that is about an administrator or about an application with scopes. */
  function ofPath({ method, path, scope }: Endpoint): Grant[] {
    const name = `${method} ${path}`;
    const body = BODIES[name];
    const others = { session_id: NOBODY, factor_id: 'totp', group_id: NOBODY, client_id: NOBODY, stream_id: NOBODY };
    const rest = Object.fromEntries(Object.entries(others).filter(([param]) => path.includes(`{${param}}`)));
    return [
      ...(path.includes('{user_id}')
        ? [
            {
              what: 'an administrator',
              succeeds: false,
              needs: [scope, 'administrators:write', ...scopesOf('support')],
              call: async () => ({
                params: { ...rest, user_id: (await administrator()).id },
                ...(body ? { body } : {}),
              }),
            },
          ]
        : []),
      ...(path.startsWith('/v1/applications/')
        ? [
            {
              what: 'a stronger service',
              succeeds: false,
              needs: [scope, ...STRONGER],
              call: async () => ({
                params: { ...rest, client_id: (await giveService(test, STRONGER)).id },
                ...(body ? { body } : {}),
              }),
            },
          ]
        : []),
    ];
  }

  const changing = () => test.app.endpoints.filter(({ method }) => method !== 'get');
  const nameOf = ({ method, path }: Endpoint) => `${method} ${path}`;

  it('is in this matrix if it changes something', () => {
    const named = changing().filter((endpoint) => ofPath(endpoint).length > 0);
    const known = [...Object.keys(ofBodies()), ...HARMLESS, ...OF_JOBS, ...named.map(nameOf)];
    expect(changing().map(nameOf).sort()).toEqual([...new Set(known)].sort());
    const ofSettings = Object.keys(GRANTING_SETTINGS);
    expect(changeableSettings.map(({ variable }) => variable)).toEqual(expect.arrayContaining(ofSettings));
  });

  it('has no other way round it on the command line, where Cohort itself acts and may do anything', () => {
    const source = readFileSync(join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'commands.ts'), 'utf8');
    const commands = [...source.matchAll(/\.command\('([^']+)'\)/g)].map(([, name]) => name);
    const own = [
      'start',
      'bootstrap',
      'registration-token',
      'import <file>',
      'export <file>',
      'keys',
      'rotate',
      'list',
    ];
    expect(commands).toEqual(own);
  });

  const refused = ({ status, code, detail }: Outcome, scope: string) => ({
    status,
    code,
    isNamed: (detail ?? '').split(/[ .]/).includes(scope),
  });

  async function tryOut(name: string, grant: Grant, callerWith: (scopes: string[]) => Promise<Caller>): Promise<void> {
    const { what, call, succeeds = true } = grant;
    const needs = [...new Set(grant.needs)];
    for (const missing of needs) {
      const caller = await callerWith(needs.filter((scope) => scope !== missing));
      const request = await call(caller);
      const before = await grantingContents(test);
      const outcome = refused(await caller.call({ name, ...request }), missing);
      const expected = { status: 403, code: 'insufficient_scope', isNamed: true };
      expect({ name, what, missing, ...outcome }).toEqual({ name, what, missing, ...expected });
      const contents = await grantingContents(test);
      expect({ name, what, missing, contents }).toEqual({ name, what, missing, contents: before });
    }
    const caller = await callerWith(needs);
    const { status, code } = await caller.call({ name, ...(await call(caller)) });
    const isTaken = status !== 403 && !['insufficient_scope', 'invalid_input'].includes(code ?? '');
    expect({ name, what, code, isTaken }).toMatchObject({ name, what, isTaken: true });
    if (succeeds) expect({ name, what, status: status < 300 }).toEqual({ name, what, status: true });
  }

  const grants = (): [string, Grant][] =>
    changing().flatMap((endpoint) =>
      [...ofPath(endpoint), ...(ofBodies()[nameOf(endpoint)] ?? [])].map((grant): [string, Grant] => [
        nameOf(endpoint),
        grant,
      ]),
    );

  it('grants a service over HTTP what it has, and nothing that it lacks', async () => {
    for (const [name, grant] of grants()) await tryOut(name, grant, (scopes) => serviceWith(test, scopes));
  });

  it('grants an administrator in the console what they have, and nothing that they lack', async () => {
    const callerWith = async (scopes: string[]) =>
      administratorWith(test, { id: NOBODY, scopes: new Set(scopes), adminScope: undefined });
    for (const [name, grant] of grants().filter(([, { isOfServices }]) => !isOfServices))
      await tryOut(name, grant, callerWith);
  });

  it('lets a service change its own client with the scopes that both have', async () => {
    const caller = await serviceWith(test, ['applications:write', 'groups:read']);
    const name = 'patch /v1/applications/{client_id}';
    const change = (body: object) => caller.call({ name, params: { client_id: caller.id }, body });
    expect((await change({ scopes: ['applications:write', 'groups:read'], description: 'Mine' })).status).toBe(200);
    expect(await change({ scopes: all })).toMatchObject({ status: 403, code: 'insufficient_scope' });
    // Once given away, it does not come back.
    expect((await change({ scopes: ['applications:write'] })).status).toBe(200);
    expect((await change({ scopes: ['applications:write', 'groups:read'] })).status).toBe(403);
  });

  it('names groups in a claim policy, where nobody joins one, with the scope for applications alone', async () => {
    const { id } = await giveApplication(test);
    const caller = await serviceWith(test, ['applications:write']);
    const body = { group_ids: [(await giveGroup(test, 'Read')).id] };
    const name = 'put /v1/applications/{client_id}/claim-policy';
    expect((await caller.call({ name, params: { client_id: id }, body })).status).toBe(200);
  });

  it('takes back with the scope for settings alone what a setting grants', async () => {
    const caller = await serviceWith(test, ['settings:write']);
    const set = async (value: string | null) =>
      (await caller.call({ name: 'patch /v1/settings', body: { COHORT_SELF_REGISTRATION: value } })).status;
    expect([await set('open'), await set('example.com')]).toEqual([403, 403]);
    expect([await set('closed'), await set(null)]).toEqual([200, 200]);
  });

  it('decides on what an application is when it is changed, not on what it was when the call came', async () => {
    const { applications } = test.app;
    const weak = { kind: 'service', id: 'weak', name: 'Weak', scopes: new Set(['applications:write']) } as const;
    const { id } = await giveService(test, []);
    await applications.rotateSecret(weak, id);
    await applications.update(system, id, { scopes: STRONGER });
    for (const attempt of [
      () => applications.rotateSecret(weak, id),
      () => applications.update(weak, id, { description: 'Mine' }),
      () => applications.remove(weak, id),
    ])
      await expect(attempt()).rejects.toMatchObject({ code: 'insufficient_scope' });
  });
});

/** Settings that let others do something; every other one takes the scope for settings and no other. */
const GRANTING_SETTINGS: Record<string, { value: string; needs: string[] }> = {
  COHORT_SELF_REGISTRATION: { value: 'example.com', needs: ['settings:write', 'users:write'] },
};
