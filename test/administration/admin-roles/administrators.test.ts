import type { Actor } from '../../../src/platform/actor.ts';
import { scopesOfRoles } from '../../../src/administration/admin-roles/administrator.ts';
import { ADMIN_ROLES, type AdminRole } from '../../../src/directory/users/admin-role.ts';
import { callsByName } from '../../support/actors.ts';
import { giveApplication, giveGroup, giveUser, giveService, startApp, type TestApp } from '../../support/app.ts';

describe('administrators', () => {
  let test: TestApp;
  let serial = 0;

  beforeAll(async () => {
    test = await startApp();
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
  });
  afterAll(() => test.tearDown());

  async function administrator(...adminRoles: AdminRole[]) {
    serial += 1;
    const user = await giveUser(test, `admin${serial}@example.com`, { kind: 'administrator', adminRoles });
    const scopes = scopesOfRoles(user, Object.keys(test.app.scopes));
    const actor: Actor = { kind: 'user', id: user.id, name: user.username, scopes };
    return { user, call: callsByName(test.app, actor) };
  }
  const customer = () => giveUser(test, `customer${(serial += 1)}@example.com`);
  const refused = { code: 'insufficient_scope' };

  it('come by their scopes through their roles, and every role comes to known scopes', () => {
    const all = Object.keys(test.app.scopes);
    const scopesOf = (role: AdminRole) => [...scopesOfRoles({ kind: 'administrator', adminRoles: [role] }, all)];
    for (const role of ADMIN_ROLES) expect(scopesOf(role).length).toBeGreaterThan(0);
    expect(scopesOf('owner')).toEqual(all);
    expect(scopesOf('auditor').every((scope) => scope.endsWith(':read'))).toBe(true);
    expect(scopesOf('support')).not.toContain('users:delete');
    expect(scopesOfRoles({ kind: 'customer', adminRoles: ['owner'] }, all).size).toBe(0);
  });

  it('may do what a role allows and nothing else', async () => {
    const { id } = await customer();
    const params = { user_id: id };
    const support = await administrator('support');
    await support.call('patch /v1/users/{user_id}', { params, body: { first_name: 'Ada' } });
    await expect(support.call('delete /v1/users/{user_id}', { params })).rejects.toMatchObject(refused);
    const auditor = await administrator('auditor');
    await auditor.call('get /v1/users/{user_id}', { params });
    await expect(auditor.call('patch /v1/users/{user_id}', { params, body: {} })).rejects.toMatchObject(refused);
    const users = await administrator('users');
    await users.call('delete /v1/users/{user_id}', { params });
  });

  it('cannot take over another administrator', async () => {
    const { user: owner } = await administrator('owner');
    const { call } = await administrator('users', 'groups', 'applications', 'support');
    const params = { user_id: owner.id };
    const attempts = [
      call('put /v1/users/{user_id}/password', { params, body: { temporary_password: 'Wander#2026' } }),
      call('post /v1/users/{user_id}/disable', { params }),
      call('patch /v1/users/{user_id}', { params, body: { first_name: 'Mallory' } }),
      call('delete /v1/users/{user_id}', { params }),
      call('put /v1/users/{user_id}/admin-roles', { params, body: { roles: [] } }),
      call('post /v1/users', { body: { username: 'x@example.com', kind: 'administrator', admin_roles: ['owner'] } }),
      call('post /v1/bulk/users', { body: { users: [{ username: 'x@example.com', kind: 'administrator' }] } }),
    ];
    for (const attempt of await Promise.allSettled(attempts))
      expect(attempt).toMatchObject({ status: 'rejected', reason: refused });
    expect(await test.app.users.get(owner.id)).toMatchObject({
      status: 'active',
      firstName: '',
      adminRoles: ['owner'],
    });
  });

  it('put nobody into a group whose members they may not change', async () => {
    const { call } = await administrator('users');
    const { id } = await giveGroup(test, 'Closed');
    const attempts = [
      call('post /v1/users', { body: { username: 'in@example.com', group_ids: [id] } }),
      call('post /v1/bulk/users', { body: { users: [{ username: 'in@example.com', group_ids: [id] }] } }),
    ];
    for (const attempt of await Promise.allSettled(attempts))
      expect(attempt).toMatchObject({ status: 'rejected', reason: refused });
    await call('post /v1/users', { body: { username: 'out@example.com', group_ids: [] } });
  });

  it('cannot disable another administrator with many at once', async () => {
    const { user: owner } = await administrator('owner');
    const { user, call } = await administrator('users');
    const body = { kind: 'disable', select: { user_ids: [owner.id] } };
    const { body: ordered } = await call<{ result: { job_id: string } }>('post /v1/jobs', { body });
    await test.app.drainJobs();
    const params = { job_id: ordered.result.job_id };
    const { body: job } = await call<{ result: { outcomes: object } }>('get /v1/jobs/{job_id}', { params });
    expect(job.result.outcomes).toEqual({ not_allowed: 1 });
    expect(await test.app.users.get(owner.id)).toMatchObject({ status: 'active' });
    expect(user.adminRoles).toEqual(['users']);
  });

  it('cannot make an application with more rights than their own, nor take one over', async () => {
    const { call } = await administrator('applications');
    const mighty = await giveService(test, ['administrators:write']);
    const plain = await giveApplication(test);
    const params = { client_id: mighty.id };
    const attempts = [
      call('post /v1/applications', { body: { name: 'X', type: 'service', scopes: ['users:write'] } }),
      call('patch /v1/applications/{client_id}', {
        params: { client_id: plain.id },
        body: { scopes: ['users:write'] },
      }),
      call('post /v1/applications/{client_id}/secret', { params }),
      call('delete /v1/applications/{client_id}', { params }),
    ];
    for (const attempt of await Promise.allSettled(attempts))
      expect(attempt).toMatchObject({ status: 'rejected', reason: refused });
    await call('patch /v1/applications/{client_id}', { params: { client_id: plain.id }, body: { name: 'Renamed' } });
  });

  it('stop being the last owner never, also when two stop each other at once', async () => {
    const alone = await startApp();
    try {
      const [ada, grace] = await Promise.all(
        ['ada@example.com', 'grace@example.com'].map((name) => giveUser(alone, name, { kind: 'administrator' })),
      );
      const actorOf = ({ id, username: name }: { id: string; username: string }): Actor => ({
        kind: 'user',
        id,
        name,
        scopes: new Set(Object.keys(alone.app.scopes)),
      });
      const stop = (by: typeof ada, whom: typeof ada) =>
        callsByName(alone.app, actorOf(by!))('put /v1/users/{user_id}/admin-roles', {
          params: { user_id: whom!.id },
          body: { roles: ['auditor'] },
        });
      const outcomes = await Promise.allSettled([stop(ada, grace), stop(grace, ada)]);
      expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
        reason: { code: 'last_administrator' },
      });
    } finally {
      await alone.tearDown();
    }
  });
});
