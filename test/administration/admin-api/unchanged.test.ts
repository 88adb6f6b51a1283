import { system } from '../../../src/platform/actor.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { enterConsole } from '../../support/console.ts';
import { relyingParty } from '../../support/relying-party.ts';

type Fields = Record<string, unknown>;

/** Whoever watches a thing by its ETag, or reads the audit log, is told of changes alone. */
describe('a change that changes nothing', () => {
  let test: TestApp;
  let token: string;
  let groupId: string;
  let otherGroupId: string;
  let userId: string;
  let administratorId: string;
  let roleIds: string[];
  let clientId: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    roleIds = [(await giveRole(test, 'editor')).id, (await giveRole(test, 'author')).id];
    userId = (await giveUser(test, 'ada@example.com', { firstName: 'Ada' })).id;
    ({ id: administratorId } = await giveUser(test, 'olive@example.com', {
      kind: 'administrator',
      adminRoles: ['users', 'groups'],
    }));
    await giveUser(test, 'root@example.com', { kind: 'administrator' });
    ({ id: groupId } = await giveGroup(test, 'Crew', [userId], roleIds));
    ({ id: otherGroupId } = await giveGroup(test, 'Staff', [userId], [], { parent_id: groupId }));
    ({ id: clientId } = await giveApplication(test));
    await call('patch', `/v1/users/${userId}`, {
      locale: 'en',
      picture: 'https://example.com/a.jpg',
      custom_data: { b: [1, { c: null }], a: 1 },
    });
    await call('patch', `/v1/applications/${clientId}`, {
      description: 'One\nTwo',
      scopes: ['users:read', 'groups:read'],
    });
    await call('put', `/v1/applications/${clientId}/claim-policy`, { group_ids: [groupId, otherGroupId], limit: 20 });
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'put' | 'patch' | 'post' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const events = () => test.app.database.connection.collection('audit_events').countDocuments();

  async function expectNothing(path: string, change: () => PromiseLike<{ status: number; headers: object }>) {
    const { headers, body } = await call('get', path);
    const before = await events();
    const { status } = await change();
    const after = await call('get', path);
    expect([path, status < 300, after.headers['etag'], after.body]).toEqual([path, true, headers['etag'], body]);
    expect([path, await events()]).toEqual([path, before]);
  }

  /** What is there, of the fields that can be changed. */
  async function present(path: string, fields: string[]): Promise<Fields> {
    const { result } = (await call('get', path)).body as { result: Fields };
    return Object.fromEntries(fields.map((field) => [field, result[field]]));
  }

  it.each([
    ['users', () => userId, ['first_name', 'last_name', 'picture', 'locale', 'zoneinfo', 'custom_data']],
    [
      'groups',
      () => otherGroupId,
      ['name', 'description', 'custom_data', 'role_ids', 'parent_id', 'requires_second_factor', 'end_notice_days'],
    ],
    [
      'groups',
      () => groupId,
      ['name', 'description', 'custom_data', 'role_ids', 'parent_id', 'requires_second_factor', 'end_notice_days'],
    ],
    ['roles', () => roleIds[0]!, ['name', 'description', 'requires_second_factor']],
    [
      'applications',
      () => clientId,
      [
        'name',
        'description',
        'redirect_uris',
        'post_logout_redirect_uris',
        'backchannel_logout_uri',
        'initiate_login_uri',
        'scopes',
        'skip_consent',
        'require_pkce',
        'requires_second_factor',
      ],
    ],
  ])('of %s writes nothing', async (kind, idOf, fields) => {
    const path = `/v1/${kind}/${idOf()}`;
    const same = await present(path, fields);
    await expectNothing(path, () => call('patch', path, same));
    await expectNothing(path, () => call('patch', path, {}));
    for (const field of fields) await expectNothing(path, () => call('patch', path, { [field]: same[field] }));
  });

  it('in another order of what has none writes nothing', async () => {
    await expectNothing(`/v1/groups/${groupId}`, () =>
      call('patch', `/v1/groups/${groupId}`, { role_ids: roleIds.toReversed() }),
    );
    const service = `/v1/applications/${(await giveService(test, ['users:read', 'groups:read'])).id}`;
    await expectNothing(service, () => call('patch', service, { scopes: ['groups:read', 'users:read'] }));
    await expectNothing(`/v1/users/${userId}`, () =>
      call('patch', `/v1/users/${userId}`, { custom_data: { a: 1, b: [1, { c: null }] } }),
    );
    const policy = `/v1/applications/${clientId}/claim-policy`;
    await expectNothing(policy, () => call('put', policy, { group_ids: [otherGroupId, groupId], limit: 20 }));
    await expectNothing(`/v1/users/${administratorId}`, () =>
      call('put', `/v1/users/${administratorId}/admin-roles`, { roles: ['groups', 'users'], admin_scope: null }),
    );
  });

  it('of who is where writes nothing', async () => {
    const user = `/v1/users/${userId}`;
    await expectNothing(user, () => call('post', `/v1/groups/${groupId}/members`, { user_ids: [userId, userId] }));
    await expectNothing(user, () => call('put', `${user}/groups`, { group_ids: [otherGroupId, groupId] }));
    await call('put', `/v1/groups/${groupId}/owners/${userId}`);
    await expectNothing(user, () => call('put', `/v1/groups/${groupId}/owners/${userId}`));
    await expectNothing(user, () => call('post', `${user}/enable`));
    await call('post', `${user}/disable`);
    await expectNothing(user, () => call('post', `${user}/disable`));
    await call('post', `${user}/enable`);
    await expectNothing(user, () => call('delete', `${user}/lock`));
  });

  it('of the settings writes nothing', async () => {
    await call('patch', '/v1/settings', { COHORT_BRAND_NAME: 'Flying club' });
    await expectNothing('/v1/settings', () => call('patch', '/v1/settings', { COHORT_BRAND_NAME: 'Flying club' }));
    await call('patch', '/v1/settings', { COHORT_BRAND_NAME: null });
    await expectNothing('/v1/settings', () => call('patch', '/v1/settings', { COHORT_BRAND_NAME: null }));
  });

  it('by a form of the console that is saved as it was shown writes nothing', async () => {
    const pages: [path: string, page: string, button: string][] = [
      [`/v1/users/${userId}`, `/console/users/${userId}`, 'save'],
      [`/v1/users/${userId}`, `/console/users/${userId}/custom-data`, 'save'],
      [`/v1/groups/${groupId}`, `/console/groups/${groupId}`, 'save'],
      [`/v1/roles/${roleIds[0]}`, `/console/roles/${roleIds[0]}`, 'save'],
      [`/v1/applications/${clientId}`, `/console/applications/${clientId}`, 'save'],
    ];
    const { browser } = await enterConsole(test, 'root@example.com');
    for (const [path, address, button] of pages) {
      const page = await browser.open(`${test.issuer}${address}`);
      await expectNothing(path, async () => browser.press(page, button, otherFieldsOf(page.html)));
    }
  });

  it('by an application that registers itself writes nothing', async () => {
    const authorization = `Bearer ${await test.app.makeRegistrationToken(600)}`;
    const metadata = { client_name: 'Registered', redirect_uris: ['https://app.example.com/callback'] };
    const { body } = await test.http.post('/reg').set('authorization', authorization).send(metadata);
    const { client_id: id, client_secret, registration_access_token: access } = body as Record<string, string>;
    const path = `/v1/applications/${id}`;
    await expectNothing(path, () =>
      test.http
        .put(`/reg/${id}`)
        .set('authorization', `Bearer ${access}`)
        .send({ ...metadata, client_id: id, client_secret }),
    );
  });

  it('is told from one that does, which names the changed fields alone', async () => {
    await call('patch', `/v1/roles/${roleIds[0]}`, { name: 'editor', description: 'Edits' });
    const [event] = await test.app.database.connection
      .collection('audit_events')
      .find({ action: 'role.updated' })
      .toArray();
    expect(event?.['details']).toEqual({ fields: ['description'] });
    await expect(test.app.users.update(system, 'ffffffffffffffff', {})).rejects.toMatchObject({
      code: 'user_not_found',
    });
  });

  it('is to sign out a user who is signed in nowhere', async () => {
    const { id } = await giveUser(test, 'grace@example.com');
    const path = `/v1/users/${id}/sessions`;
    await expectNothing(path, () => call('delete', path));
    await (await relyingParty(test, await giveApplication(test))).signIn({ login: 'grace@example.com' });
    expect((await call('delete', path)).status).toBe(204);
    const ended = test.app.database.connection.collection('audit_events').find({ action: 'users.sessions_ended' });
    expect(await ended.toArray()).toMatchObject([{ subjects: [{ id }] }]);
  });
});

/** What is chosen and what is in the large fields, with the line breaks that a browser sends. */
function otherFieldsOf(html: string): Record<string, string> {
  const decoded = (text: string) => text.replaceAll('&#34;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
  const texts = [...html.matchAll(/<textarea\b[^>]*\bname="([^"]+)"[^>]*>([\s\S]*?)<\/textarea>/g)];
  const choices = [...html.matchAll(/<select\b[^>]*\bname="([^"]+)"[^>]*>([\s\S]*?)<\/select>/g)];
  const chosen = (options: string) =>
    [...options.matchAll(/<option\b[^>]*>/g)].map(([option]) => option).find((option) => /\sselected\b/.test(option));
  return Object.fromEntries([
    ...texts.map(([, name, text]) => [name, decoded(text!).replace(/^\n/, '').replaceAll('\n', '\r\n')]),
    ...choices.map(([, name, options]) => [name, /\bvalue="([^"]*)"/.exec(chosen(options!) ?? '')?.[1] ?? '']),
  ]) as Record<string, string>;
}
