import { exportJWK, generateKeyPair } from 'jose';
import { scopesOfRoles } from '../../../src/administration/admin-roles/administrator.ts';
import { system } from '../../../src/platform/actor.ts';
import { applicationColumns } from '../../../src/administration/import-export/application-row.ts';
import { COLUMNS } from '../../../src/administration/import-export/columns.ts';
import { RECORD_TYPES, type RecordType } from '../../../src/administration/import-export/row.ts';
import type { AdminRole } from '../../../src/directory/users/admin-role.ts';
import { serviceWith, type Caller } from '../../support/actors.ts';
import { grantingContents } from '../../support/contents.ts';
import { giveGroup, giveUser, giveRole, giveService, startApp, type TestApp } from '../../support/app.ts';
import { importRows } from '../import-export/files.ts';

/** A row, what it would grant, and the scopes that it takes besides those of the import. */
interface Grant {
  type: RecordType;
  what: string;
  needs: string[];
  /** The columns beside which a refusal is said. */
  columns: string[];
  row(caller: Caller): Promise<Record<string, unknown>>;
}

/** What an import of each type takes, whatever is in its rows. */
const IMPORTS: Record<RecordType, string[]> = {
  users: ['jobs:write', 'jobs:read', 'users:write', 'groups:write'],
  groups: ['jobs:write', 'jobs:read', 'groups:write', 'roles:read'],
  roles: ['jobs:write', 'jobs:read', 'roles:write'],
  applications: ['jobs:write', 'jobs:read', 'applications:write'],
};

const STRONGER = ['users:write', 'mail:send'];
const HASH = '$2b$04$abcdefghijklmnopqrstuuMDYt3ZlN3vJYwSf5m6cfRZ6Ju5pXvTm';
const NEVER_CHANGES = ['client_id', 'type', 'previous_client_secret', 'created_at', 'updated_at'];

/** Nobody grants by a row what they may not grant by a call; `matrix-of-jobs.exhaustive.test.ts` has the scopes of whole imports. */
describe('a row of an import', () => {
  let test: TestApp;
  let all: string[];
  let jwks: object;
  let serial = 0;

  beforeEach(async () => {
    test = await startApp();
    all = Object.keys(test.app.scopes);
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const { publicKey } = await generateKeyPair('ES256');
    jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' }] };
  });
  afterEach(() => test.tearDown());

  const next = (name: string) => `${name}-${(serial += 1)}`;
  const username = () => `${next('user')}@example.com`;
  const scopesOf = (role: AdminRole) => [
    ...new Set(['administrators:write', ...scopesOfRoles({ kind: 'administrator', adminRoles: [role] }, all)]),
  ];

  /** A way to say something of each column of a service, among them those that take it over. */
  const columnsOfService = (): Record<string, unknown> => ({
    name: next('Renamed'),
    description: 'Mine now',
    redirect_uris: [],
    post_logout_redirect_uris: [],
    backchannel_logout_uri: 'https://mallory.example.com/',
    initiate_login_uri: 'https://mallory.example.com/',
    client_uri: 'https://mallory.example.com/',
    logo_uri: 'https://mallory.example.com/logo.png',
    policy_uri: 'https://mallory.example.com/',
    tos_uri: 'https://mallory.example.com/',
    scopes: STRONGER,
    skip_consent: true,
    require_pkce: true,
    requires_second_factor: true,
    claim_policy: {},
    access: { access: 'everyone' },
    signals: { on_access_lost: 'sign_out' },
    client_secret: 'a secret of mine that I chose',
    metadata: {
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'private_key_jwt',
      jwks,
    },
  });

  function grants(): Grant[] {
    const ofUser = (what: string, role: AdminRole, row: Grant['row']): Grant => ({
      type: 'users',
      what,
      needs: scopesOf(role),
      columns: ['kind', 'admin_roles'],
      row,
    });
    const newOne = (role: AdminRole) => async () => ({
      username: username(),
      kind: 'administrator',
      admin_roles: [role],
      password_hash: HASH,
    });
    const existing = (changes: object, password?: string) => async () => {
      const { username: name } = await giveUser(test, username(), {
        kind: 'administrator',
        adminRoles: ['support'],
        ...(password === undefined ? {} : { password }),
      });
      return { username: name, ...changes };
    };
    return [
      ofUser('a new owner', 'owner', newOne('owner')),
      ofUser('a new support', 'support', newOne('support')),
      ofUser('a changed administrator', 'support', existing({ first_name: 'Mallory' })),
      ofUser('an administrator as they are', 'support', existing({})),
      {
        type: 'users',
        what: 'the password of an invited administrator',
        needs: scopesOf('support'),
        columns: ['kind', 'admin_roles'],
        row: async () => {
          const user = { username: username(), first_name: '', last_name: '', kind: 'administrator' as const };
          const made = await test.app.users.create(system, { ...user, custom_data: {}, admin_roles: ['support'] });
          return { username: made.username, password_hash: HASH };
        },
      },
      {
        type: 'applications',
        what: 'a new service with a secret',
        needs: STRONGER,
        columns: ['scopes'],
        row: async () => ({
          client_id: next('robot'),
          name: 'Robot',
          type: 'service',
          scopes: STRONGER,
          client_secret: 'a secret that was chosen',
        }),
      },
      {
        type: 'applications',
        what: 'scopes for another client',
        needs: STRONGER,
        columns: ['scopes'],
        row: async () => ({ client_id: (await giveService(test, [])).id, name: 'Crew planner', scopes: STRONGER }),
      },
      {
        type: 'applications',
        what: 'scopes for its own client',
        needs: STRONGER,
        columns: ['scopes'],
        row: async ({ id }) => ({ client_id: id, name: 'Crew planner', scopes: STRONGER }),
      },
      ...[{}, ...Object.entries(columnsOfService()).map(([column, value]) => ({ [column]: value }))].map(
        (changes): Grant => ({
          type: 'applications',
          needs: STRONGER,
          columns: ['client_id'],
          what: `a stronger service with another ${Object.keys(changes).join() || 'nothing'}`,
          row: async () => ({ client_id: (await giveService(test, STRONGER)).id, name: 'Crew planner', ...changes }),
        }),
      ),
    ];
  }

  async function runImport(caller: Caller, type: RecordType, rows: object[], query: Record<string, string> = {}) {
    const upload = rows.map((row) => JSON.stringify(row)).join('\n');
    const reply = await caller.call({ name: 'post /v1/imports', query: { type, ...query }, upload });
    if (reply.status !== 202) throw new Error(JSON.stringify(reply));
    await test.app.drainJobs();
    const { job_id: jobId } = (reply.body as { result: { job_id: string } }).result;
    return { jobId, ...(await resultOf(jobId)) };
  }

  async function resultOf(jobId: string) {
    const { outcomes, status, error } = await test.app.jobs.get(jobId);
    const { items } = await test.app.jobs.failuresOf(system, jobId, { list: '', limit: 200 });
    return { outcomes, status, error, reasons: items.map(({ detail }) => detail) };
  }

  it('names every column of an application in this matrix, and every type', () => {
    const known = [...Object.keys(columnsOfService()), ...NEVER_CHANGES];
    expect(Object.keys(applicationColumns).sort()).toEqual(known.sort());
    expect(Object.keys(IMPORTS).sort()).toEqual([...RECORD_TYPES].sort());
    expect(Object.keys(COLUMNS).sort()).toEqual([...RECORD_TYPES].sort());
  });

  it('grants what the actor has, and is left out as a whole where one scope is lacking', async () => {
    for (const { type, what, needs, columns, row } of grants()) {
      for (const missing of needs) {
        const own = [...new Set([...IMPORTS[type], ...needs])].filter((scope) => scope !== missing);
        // What the import takes anyway is refused when it is ordered.
        if (IMPORTS[type].includes(missing)) continue;
        const caller = await serviceWith(test, own);
        const rows = [await row(caller)];
        const before = await grantingContents(test);
        for (const dryRun of ['true', 'false']) {
          const { outcomes, reasons } = await runImport(caller, type, rows, { dry_run: dryRun });
          const isNamed = columns.some((column) => reasons.includes(`${column}: requires the scope ${missing}`));
          const counts = { created: 0, updated: 0, unchanged: 0, failed: 1 };
          expect({ what, missing, isNamed, outcomes }).toEqual({ what, missing, isNamed: true, outcomes: counts });
        }
        expect({ what, missing, contents: await grantingContents(test) }).toEqual({ what, missing, contents: before });
      }
    }
  });

  it('is imported by an actor who has all that it takes, unless it cannot be for other reasons', async () => {
    for (const { type, what, needs, row } of grants()) {
      const caller = await serviceWith(test, [...new Set([...IMPORTS[type], ...needs])]);
      const { reasons } = await runImport(caller, type, [await row(caller)]);
      expect({ what, reasons: reasons.filter((reason) => reason.includes('requires the scope')) }).toEqual({
        what,
        reasons: [],
      });
    }
    expect((await test.app.applications.search({ sort: 'name', descending: false, q: 'robot' }, page)).items).toEqual([
      expect.objectContaining({ adminScopes: STRONGER }),
    ]);
  });
  const page = { list: '', limit: 10 };

  it('is refused beside others that are imported, and says all that it lacks', async () => {
    const caller = await serviceWith(test, IMPORTS.users);
    await giveGroup(test, 'Pilots');
    const { outcomes, reasons } = await runImport(caller, 'users', [
      { username: 'one@example.com', groups: ['Pilots'], owner_of: ['Pilots'] },
      { username: 'mallory@example.com', kind: 'administrator', admin_roles: ['owner'], groups: ['Nowhere'] },
      { username: 'two@example.com' },
    ]);
    expect(outcomes).toEqual({ created: 2, updated: 0, unchanged: 0, failed: 1 });
    expect(reasons).toEqual([
      'kind: requires the scope administrators:write',
      expect.stringMatching(/^admin_roles: requires the scope .*settings:write/),
      ...["groups: group 'Nowhere' does not exist"],
      expect.stringMatching(/^groups: must be empty for an administrator/),
    ]);
  });

  it('is Cohort itself’s to import from the command line', async () => {
    const rows = [{ username: 'made@example.com', kind: 'administrator', admin_roles: ['owner'] }];
    expect((await importRows(test, 'users', rows)).counts).toMatchObject({ created: 1 });
  });

  it('counts by the rights of the moment: a step that loses them is the last', async () => {
    const caller = await serviceWith(test, IMPORTS.applications);
    const robot = (index: number) => ({ client_id: `robot-${index}`, name: `Robot ${index}`, type: 'service' });
    const rows = Array.from({ length: 1200 }, (_, index) => robot(index));
    // In the first of three steps the service gives its own scopes away.
    const own = { client_id: caller.id, name: 'Crew planner', scopes: [] };
    const { status, error } = await runImport(caller, 'applications', [own, ...rows]);
    expect({ status, error }).toEqual({
      status: 'failed',
      error: { code: 'insufficient_scope', detail: expect.stringContaining('applications:write') },
    });
    const { connection } = test.app.database;
    expect(await connection.collection('applications').countDocuments({ name: /^Robot/ })).toBe(499);
  });

  it('of a dry run is applied with the rights of whoever applies it, when they do', async () => {
    const granting = { client_id: 'granting', name: 'Granting', type: 'service', scopes: STRONGER };
    const plain = { client_id: 'plain', name: 'Plain', type: 'service' };
    const strong = await serviceWith(test, [...IMPORTS.applications, ...STRONGER]);
    const { jobId, outcomes } = await runImport(strong, 'applications', [granting, plain], { dry_run: 'true' });
    expect(outcomes).toMatchObject({ created: 2, failed: 0 });
    const apply = { name: 'post /v1/jobs/{job_id}/apply', params: { job_id: jobId } };
    const done = async (caller: Caller) => {
      const { body } = await caller.call(apply);
      await test.app.drainJobs();
      return resultOf((body as { result: { job_id: string } }).result.job_id);
    };
    const weak = await serviceWith(test, IMPORTS.applications);
    const reason = `scopes: requires the scope ${STRONGER.join(' ')}`;
    expect(await done(weak)).toMatchObject({ outcomes: { created: 1, failed: 1 }, reasons: [reason] });
    await test.app.applications.update(system, strong.id, { scopes: IMPORTS.applications });
    expect(await done(strong)).toMatchObject({ outcomes: { unchanged: 1, failed: 1 }, reasons: [reason] });
    await test.app.applications.update(system, strong.id, { scopes: ['jobs:write', 'jobs:read'] });
    expect(await strong.call(apply)).toMatchObject({ status: 403, code: 'insufficient_scope' });
    expect(await test.app.applications.find('granting')).toBeUndefined();
  });

  it('of groups and roles takes what changing groups and roles takes, also behind the jobs', async () => {
    await giveRole(test, 'editor', { requires_second_factor: true });
    await giveGroup(test, 'Pilots');
    const order = (type: RecordType, scopes: string[]) => ({
      type,
      options: { memberships: 'add', createGroups: false, renameGroups: false, dryRun: false } as const,
      actor: { kind: 'service', id: 'weak', name: 'Weak', scopes: new Set(scopes) } as const,
      source: { id: 'rows', name: 'rows' },
      rowsBefore: 0,
    });
    const row = (values: object) => [
      { line: 1, next: { offset: 0, line: 2 }, values: values as Record<string, unknown>, faults: [] },
    ];
    const off = row({ name: 'editor', requires_second_factor: false });
    const { importBatch } = test.app.importExport;
    expect(await importBatch(off, order('roles', ['groups:write']))).toMatchObject([
      { outcome: 'failed', faults: [{ column: 'name', reason: 'requires the scope roles:write' }] },
    ]);
    expect(
      await importBatch(row({ name: 'Pilots', roles: ['editor'] }), order('groups', ['roles:write'])),
    ).toMatchObject([{ outcome: 'failed', faults: [{ column: 'name', reason: 'requires the scope groups:write' }] }]);
    const joins = row({ username: 'one@example.com', groups: ['Pilots'], owner_of: ['Pilots'] });
    expect(await importBatch(joins, order('users', ['users:write']))).toMatchObject([
      { outcome: 'failed', faults: [{ column: 'groups', reason: 'requires the scope groups:write' }] },
    ]);
    expect(await importBatch(off, order('roles', ['roles:write']))).toMatchObject([{ outcome: 'updated' }]);
  });
});
