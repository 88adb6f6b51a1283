import { rightsOf } from '../../../src/administration/admin-roles/administrator.ts';
import { system } from '../../../src/platform/actor.ts';
import type { Group } from '../../../src/directory/groups/group.ts';
import { RECORD_TYPES, type RecordType } from '../../../src/administration/import-export/row.ts';
import type { User } from '../../../src/directory/users/user.ts';
import { administratorWith, serviceWith, type Call, type Caller, type Outcome } from '../../support/actors.ts';
import { grantingContents } from '../../support/contents.ts';
import { giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

/** A job that somebody orders: the scopes that it takes, and those that show what it did to somebody who cannot order it. */
interface Order {
  what: string;
  needs: string[];
  shows: string[];
  call(): Call;
}

/** Of each type of file, what its import and its export take. */
const TYPES: Record<RecordType, { imports: string[]; exports: string[]; row: string }> = {
  users: {
    imports: ['users:write', 'groups:write'],
    exports: ['users:read', 'groups:read'],
    row: '{"username":"imported@example.com"}',
  },
  groups: {
    imports: ['groups:write', 'roles:read'],
    exports: ['groups:read', 'roles:read'],
    row: '{"name":"Imported"}',
  },
  roles: { imports: ['roles:write'], exports: ['roles:read'], row: '{"name":"imported"}' },
  applications: {
    imports: ['applications:write'],
    exports: ['applications:read'],
    row: '{"client_id":"imported","name":"Imported","redirect_uris":["https://imported.example.com/"]}',
  },
};

const reading = (scope: string) => scope.replace(':write', ':read');

/** Nobody does by a job what they may not do at once, when it is ordered and for as long as it runs. */
describe('a job', () => {
  let test: TestApp;
  let ada: User;
  let group: Group;
  let orders: Order[];

  beforeEach(async () => {
    test = await startApp();
    ada = await giveUser(test, 'ada@example.com');
    group = await giveGroup(test, 'Pilots');
    const batch = (kind: string, scopes: string[], input: object = {}): Order => ({
      what: kind,
      needs: ['jobs:write', 'users:read', ...scopes],
      shows: ['users:read', ...scopes.map(reading)],
      call: () => ({ name: 'post /v1/jobs', body: { kind, select: { user_ids: [ada.id] }, ...input } }),
    });
    orders = [
      batch('add_to_group', ['groups:write'], { group_id: group.id }),
      batch('remove_from_group', ['groups:write'], { group_id: group.id }),
      batch('disable', ['users:write']),
      batch('enable', ['users:write']),
      batch('end_sessions', ['users:write']),
      batch('send_message', ['mail:send'], { subject: 'Hello', text: 'Hello' }),
      ...RECORD_TYPES.flatMap((type): Order[] => {
        const { imports, exports, row } = TYPES[type];
        const exporting = (withSecrets: boolean, more: string[]): Order => ({
          what: `export ${type}${withSecrets ? ' with secrets' : ''}`,
          needs: ['jobs:write', ...exports, ...more],
          shows: [...exports, ...more],
          call: () => ({ name: 'post /v1/jobs', body: { kind: 'export', type, with_secrets: withSecrets } }),
        });
        return [
          exporting(false, []),
          exporting(true, ['secrets:export']),
          {
            what: `import ${type}`,
            needs: ['jobs:write', ...imports],
            shows: imports.map(reading),
            call: () => ({ name: 'post /v1/imports', query: { type }, upload: row }),
          },
        ];
      }),
    ];
  });
  afterEach(() => test.tearDown());

  const idOf = ({ body }: Outcome) => (body as { result: { job_id: string } }).result.job_id;
  const contents = async () => [await grantingContents(test), await test.app.mail.deliverDue(), await emailsIn()];
  const emailsIn = () => test.app.database.connection.collection('mailbox').countDocuments();
  const isForbidden = ({ status, code, detail }: Outcome, scope: string) =>
    status === 403 && code === 'insufficient_scope' && (detail ?? '').split(/[ .]/).includes(scope);

  it('of every kind, and of every type of file, is in this matrix', () => {
    const kinds = test.app.jobTypes.map(({ kind }) => kind);
    expect([...new Set(orders.map(({ what }) => what.split(' ')[0]))].sort()).toEqual(kinds.sort());
  });

  it('is ordered by those alone who have all that it takes', async () => {
    for (const { what, needs, call } of orders) {
      for (const missing of needs) {
        const caller = await serviceWith(
          test,
          needs.filter((scope) => scope !== missing),
        );
        const isRefused = isForbidden(await caller.call(call()), missing);
        expect({ what, missing, isRefused }).toEqual({ what, missing, isRefused: true });
      }
      const { status } = await (await serviceWith(test, needs)).call(call());
      expect({ what, status }).toEqual({ what, status: 202 });
    }
    expect(await test.app.database.connection.collection('jobs').countDocuments()).toBe(orders.length);
    // Nothing is kept of a file that was refused.
    expect(await test.app.database.connection.collection('job_files').distinct('file')).toHaveLength(
      RECORD_TYPES.length,
    );
  });

  it('does nothing more once the service that ordered it lacks a scope, or is gone', async () => {
    for (const { what, needs, call } of orders) {
      for (const lost of [...needs, 'everything']) {
        const caller = await serviceWith(test, needs);
        const jobId = idOf(await caller.call(call()));
        const left = needs.filter((scope) => scope !== lost);
        if (lost === 'everything') await test.app.applications.remove(system, caller.id);
        else await test.app.applications.update(system, caller.id, { scopes: left });
        const before = await contents();
        await test.app.drainJobs();
        const { status, error, done } = await test.app.jobs.get(jobId);
        const code = lost === 'everything' ? 'actor_gone' : 'insufficient_scope';
        const isNamed = lost === 'everything' || error?.detail.includes(lost);
        const expected = { status: 'failed', code, done: 0, isNamed: true };
        expect({ what, lost, status, code: error?.code, done, isNamed }).toEqual({ what, lost, ...expected });
        expect(await contents()).toEqual(before);
      }
    }
  });

  it('does nothing more once the administrator who ordered it is disabled, deleted, or may do less', async () => {
    const everywhere = { adminRoles: ['owner' as const] };
    await giveUser(test, 'other-owner@example.com', { kind: 'administrator' });
    const losses: Record<string, (id: string) => Promise<unknown>> = {
      actor_gone: (id) => test.app.users.disable(system, id),
      'actor_gone by deletion': (id) => test.app.users.remove(system, id),
      insufficient_scope: (id) => test.app.users.setAdministration(system, id, { adminRoles: ['auditor'] }),
      'insufficient_scope by an admin scope': (id) =>
        test.app.users.setAdministration(system, id, { adminRoles: ['users', 'groups'], adminScope: [group.id] }),
    };
    for (const [loss, lose] of Object.entries(losses)) {
      const given = await giveUser(test, `${loss.replaceAll(' ', '-')}@example.com`, { kind: 'administrator' });
      const user = await test.app.users.setAdministration(system, given.id, everywhere);
      const caller = administratorWith(test, { id: user.id, ...rightsOf(user, Object.keys(test.app.scopes)) });
      const disable = orders.find(({ what }) => what === 'disable')!;
      const jobId = idOf(await caller.call(disable.call()));
      await lose(user.id);
      await test.app.drainJobs();
      const { status, error } = await test.app.jobs.get(jobId);
      expect({ loss, status, code: error?.code }).toEqual({ loss, status: 'failed', code: loss.split(' ')[0] });
      expect((await test.app.users.get(ada.id)).status).toBe('active');
    }
  });

  it('does not gain what its actor gains while it runs', async () => {
    const few = ['jobs:write', 'users:write', 'groups:write'];
    const caller = await serviceWith(test, few);
    const upload = '{"username":"late@example.com","kind":"administrator","admin_roles":["auditor"]}';
    const jobId = idOf(await caller.call({ name: 'post /v1/imports', query: { type: 'users' }, upload }));
    await test.app.applications.update(system, caller.id, { scopes: Object.keys(test.app.scopes) });
    await test.app.drainJobs();
    expect(await test.app.jobs.get(jobId)).toMatchObject({
      status: 'completed_with_failures',
      outcomes: { created: 0, failed: 1 },
    });
  });

  it('is seen by those alone who may order it or see what it changes', async () => {
    const actor = await serviceWith(test, Object.keys(test.app.scopes));
    const ordered: { order: Order; jobId: string }[] = [];
    for (const order of orders) ordered.push({ order, jobId: idOf(await actor.call(order.call())) });
    await test.app.drainJobs();
    const listed = async (caller: Caller) => {
      const { body } = await caller.call({ name: 'get /v1/jobs', query: { limit: '200' } });
      return (body as { result: { job_id: string }[] }).result.map(({ job_id: id }) => id);
    };
    for (const { order, jobId } of ordered) {
      const { what, shows, needs } = order;
      const params = { job_id: jobId };
      const names = ['get /v1/jobs/{job_id}', 'get /v1/jobs/{job_id}/failures', 'get /v1/jobs/{job_id}/file'];
      for (const missing of shows) {
        const caller = await serviceWith(test, ['jobs:read', ...shows.filter((scope) => scope !== missing)]);
        for (const name of names) {
          const isRefused = isForbidden(await caller.call({ name, params }), missing);
          expect({ what, name, missing, isRefused }).toEqual({ what, name, missing, isRefused: true });
        }
        expect({ what, missing, isListed: (await listed(caller)).includes(jobId) }).toMatchObject({ isListed: false });
      }
      for (const scopes of [shows, needs]) {
        const caller = await serviceWith(test, ['jobs:read', ...scopes]);
        for (const name of names.slice(0, 2)) expect((await caller.call({ name, params })).status).toBe(200);
        expect(await listed(caller)).toContain(jobId);
      }
    }
  });

  it('is cancelled by those alone who may order it', async () => {
    for (const { what, needs, call } of orders) {
      const jobId = idOf(await (await serviceWith(test, needs)).call(call()));
      const cancel = { name: 'post /v1/jobs/{job_id}/cancel', params: { job_id: jobId } };
      for (const missing of needs.filter((scope) => scope !== 'jobs:write')) {
        const caller = await serviceWith(
          test,
          needs.filter((scope) => scope !== missing),
        );
        const isRefused = isForbidden(await caller.call(cancel), missing);
        expect({ what, missing, isRefused }).toEqual({ what, missing, isRefused: true });
      }
      expect((await test.app.jobs.get(jobId)).status).toBe('queued');
      expect((await (await serviceWith(test, needs)).call(cancel)).status).toBe(200);
    }
  });

  it('is nothing for an administrator with an admin scope, whatever scopes they have', async () => {
    const limited = administratorWith(test, {
      id: ada.id,
      scopes: new Set(Object.keys(test.app.scopes)),
      adminScope: [group.id],
    });
    const { id: jobId } = await test.app.jobs.order(system, 'export', { type: 'users', format: 'csv' });
    await test.app.drainJobs();
    const params = { job_id: jobId };
    const calls: Call[] = [
      ...orders.map(({ call }) => call()),
      { name: 'get /v1/jobs' },
      { name: 'get /v1/jobs/{job_id}', params },
      { name: 'get /v1/jobs/{job_id}/failures', params },
      { name: 'get /v1/jobs/{job_id}/file', params },
      { name: 'post /v1/jobs/{job_id}/cancel', params },
      { name: 'post /v1/jobs/{job_id}/apply', params },
    ];
    for (const call of calls)
      expect(await limited.call(call)).toMatchObject({ status: 403, code: 'outside_admin_scope' });
    const actor = { kind: 'user', id: ada.id, name: 'Ada', scopes: new Set(Object.keys(test.app.scopes)) } as const;
    const { jobs } = test.app;
    // Behind the endpoints, where no path is known, it is the same.
    const limitedActor = { ...actor, adminScope: [group.id] };
    const refused = { code: 'outside_admin_scope' };
    await expect(jobs.order(limitedActor, 'export', { type: 'roles' })).rejects.toMatchObject(refused);
    await expect(jobs.read(limitedActor, jobId)).rejects.toMatchObject(refused);
    await expect(jobs.cancel(limitedActor, jobId)).rejects.toMatchObject(refused);
    expect((await jobs.search(limitedActor, {}, { list: '', limit: 10 })).items).toEqual([]);
  });
});
