import { createPrivateKey } from 'node:crypto';
import { generateKeyPair, importPKCS8, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { errorsOf } from '../../../src/administration/admin-api/openapi.ts';
import { system } from '../../../src/platform/actor.ts';
import type { Endpoint } from '../../../src/platform/http/endpoint.ts';
import { statusOf } from '../../../src/platform/http/problems.ts';
import {
  adminToken,
  giveGroup,
  givePerson,
  giveRole,
  giveService,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { startRemoteApp } from '../../support/remote-app.ts';
import { pieces } from '../import-export/files.ts';

const NOBODY = 'ffffffffffffffff';
const LIMITED_OWNER = { kind: 'administrator', admin_roles: ['owner'], admin_group_ids: [NOBODY] };
const MIB = 1024 * 1024;

/** A body that each endpoint takes, so that a refusal has one cause. */
const goodBody: Record<string, object> = {
  'post /v1/users': { username: 'new@example.com' },
  'patch /v1/users/{user_id}': { first_name: 'New' },
  'put /v1/users/{user_id}/password': { temporary_password: 'Wander#2026' },
  'put /v1/users/{user_id}/administration': { roles: ['auditor'] },
  'put /v1/applications/{client_id}/claim-policy': { claim: 'teams' },
  'post /v1/bulk/users': { users: [{ username: 'new@example.com' }] },
  'put /v1/users/{user_id}/groups': { group_ids: [] },
  'post /v1/jobs': { kind: 'disable', select: { user_ids: [NOBODY] } },
  'patch /v1/settings': { COHORT_BRAND_NAME: 'Flying club' },
  'post /v1/mail/test': { to: 'ada@example.com' },
  'post /v1/groups': { name: 'New group' },
  'patch /v1/groups/{group_id}': { description: 'New' },
  'post /v1/groups/{group_id}/members': { user_ids: [NOBODY] },
  'delete /v1/groups/{group_id}/members': { user_ids: [NOBODY] },
  'post /v1/roles': { name: 'new role' },
  'patch /v1/roles/{role_id}': { description: 'New' },
  'post /v1/applications': { name: 'New', redirect_uris: ['https://new.example.com/callback'] },
  'patch /v1/applications/{client_id}': { name: 'New' },
};

describe('every endpoint', () => {
  let test: TestApp;
  let token: string;
  let endpoints: Endpoint[];

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    endpoints = test.app.endpoints;
  });
  afterAll(() => test.tearDown());

  const keyOf = ({ method, path }: Endpoint) => `${method} ${path}`;
  const pathOf = ({ path, accepts }: Endpoint, value = NOBODY) =>
    path.replace(/\{\w+\}/g, value) + (accepts ? '?type=users' : '');

  function send(
    endpoint: Endpoint,
    {
      authorization = `Bearer ${token}`,
      path = pathOf(endpoint),
      body = goodBody[keyOf(endpoint)],
      type = 'application/json',
    }: { authorization?: string; path?: string; body?: object | string | undefined; type?: string } = {},
  ) {
    const request = test.http[endpoint.method](path);
    if (authorization) void request.set('authorization', authorization);
    if (endpoint.accepts)
      return request.set('content-type', type === 'application/json' ? 'text/csv' : type).send('username\n');
    if (!endpoint.body) return request;
    return request.set('content-type', type).send(typeof body === 'string' ? body : JSON.stringify(body));
  }

  async function expectProblem(endpoint: Endpoint, request: ReturnType<typeof send>, status: number, code: string) {
    const reply = await request;
    expect({ endpoint: keyOf(endpoint), status: reply.status, body: reply.body }).toEqual({
      endpoint: keyOf(endpoint),
      status,
      body: expect.objectContaining({
        type: `urn:cohort:problem:${code}`,
        status,
        code,
        title: expect.any(String),
        detail: expect.any(String),
        request_id: expect.any(String),
      }),
    });
    expect(reply.headers['content-type']).toBe('application/problem+json');
    return reply;
  }

  async function databaseContents(): Promise<string> {
    const { connection } = test.app.database;
    const names = ['users', 'groups', 'roles', 'applications', 'audit_events'];
    return JSON.stringify(
      await Promise.all(names.map((name) => connection.collection(name).find().sort({ _id: 1 }).toArray())),
    );
  }

  it('has a body in the table above where it takes one', () => {
    const wanted = endpoints.filter(({ body, accepts }) => body && !accepts).map(keyOf);
    expect(Object.keys(goodBody).sort()).toEqual(wanted.sort());
  });

  it('asks for a token (RFC 6750) and writes nothing without', async () => {
    const before = await databaseContents();
    for (const endpoint of endpoints) {
      for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer a b', 'Bearer not-a-token']) {
        const reply = await expectProblem(endpoint, send(endpoint, { authorization }), 401, 'invalid_token');
        expect(reply.headers['www-authenticate']).toMatch(/^Bearer/);
      }
    }
    expect(await databaseContents()).toBe(before);
  });

  describe('takes only tokens that this Cohort issued for it:', () => {
    const claims = (changes: JWTPayload = {}): JWTPayload => ({
      client_id: 'x',
      scope: 'groups:read',
      jti: 'j',
      ...changes,
    });
    type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];
    let own: Key;
    let kid: string;
    let serviceId: string;

    beforeAll(async () => {
      const { jwks } = await test.app.keys.current();
      const [key] = jwks.keys;
      own = await importPKCS8(
        createPrivateKey({ key: key as never, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }) as string,
        'RS256',
      );
      kid = key!.kid!;
      serviceId = (await giveService(test)).id;
    });

    const sign = (key: Key, changes: JWTPayload = {}, header: object = {}) =>
      new SignJWT({
        iss: test.issuer,
        aud: `${test.issuer}/v1`,
        sub: serviceId,
        iat: now(),
        exp: now() + 60,
        ...claims({ client_id: serviceId, ...changes }),
      })
        .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid, ...header })
        .sign(key);
    const now = () => Math.floor(Date.now() / 1000);
    const listGroups = (authorization: string) =>
      test.http.get('/v1/groups').set('authorization', `Bearer ${authorization}`);

    it('the right one is taken', async () => {
      expect((await listGroups(await sign(own))).status).toBe(200);
    });

    it.each<[string, JWTPayload, object]>([
      ['an expired one', { exp: Math.floor(Date.now() / 1000) - 60 }, {}],
      ['one without an expiry', { exp: undefined as unknown as number }, {}],
      ['one of another issuer', { iss: 'https://elsewhere.example.com' }, {}],
      ['one for another audience', { aud: 'https://api.example.com' }, {}],
      ['an ID token', {}, { typ: 'JWT' }],
      ['one of a service that is gone', { client_id: 'gone' }, {}],
      ['one that is bound to a key', { cnf: { jkt: 'x' } }, {}],
    ])('not %s', async (_name, changes, header) => {
      const reply = await listGroups(await sign(own, changes, header));
      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
    });

    it('not one signed by a stranger under our key id, nor one with the public key as a secret, nor an unsigned one', async () => {
      const { privateKey } = await generateKeyPair('RS256');
      expect((await listGroups(await sign(privateKey))).status).toBe(401);
      const publicKey = JSON.stringify((await test.http.get('/jwks')).body.keys[0]);
      const confused = await new SignJWT(claims())
        .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
        .sign(new TextEncoder().encode(publicKey));
      expect((await listGroups(confused)).status).toBe(401);
      expect(
        (
          await listGroups(
            new UnsecuredJWT(claims({ iss: test.issuer, aud: `${test.issuer}/v1`, exp: now() + 60 })).encode(),
          )
        ).status,
      ).toBe(401);
    });

    it('not one whose service was deleted or lost the scope meanwhile', async () => {
      const service = await giveService(test, ['groups:read']);
      const granted = await serviceToken(test, service, 'groups:read');
      expect((await listGroups(granted)).status).toBe(200);
      await test.app.applications.update(system, service.id, { scopes: ['users:read'] });
      expect((await listGroups(granted)).status).toBe(403);
      await test.app.applications.remove(system, service.id);
      expect((await listGroups(granted)).status).toBe(401);
    });
  });

  it('asks for its scope', async () => {
    const all = endpoints.map(({ scope }) => scope);
    const service = await giveService(test);
    for (const endpoint of endpoints) {
      const others = [...new Set(all)].filter((scope) => scope !== endpoint.scope).join(' ');
      const weak = await serviceToken(test, service, others);
      const reply = await expectProblem(
        endpoint,
        send(endpoint, { authorization: `Bearer ${weak}` }),
        403,
        'insufficient_scope',
      );
      expect(reply.headers['www-authenticate']).toContain(`scope="${endpoint.scope}"`);
    }
  });

  it('refuses a parameter that it does not know, twice the same one, and an id that is none', async () => {
    const before = await databaseContents();
    for (const endpoint of endpoints) {
      const unknown = await expectProblem(
        endpoint,
        send(endpoint, { path: `${pathOf(endpoint)}${endpoint.accepts ? '&' : '?'}colour=red` }),
        400,
        'invalid_input',
      );
      expect(unknown.body.errors).toEqual([{ parameter: 'colour', detail: 'is not a known field' }]);
      if ('limit' in endpoint.query.shape) {
        for (const query of ['limit=1&limit=2', 'limit=0', 'limit=-1', 'limit=1e3', 'limit=99999', 'limit[$gt]=1']) {
          await expectProblem(endpoint, send(endpoint, { path: `${pathOf(endpoint)}?${query}` }), 400, 'invalid_input');
        }
        for (const cursor of [
          'x',
          'e30',
          Buffer.from('{"l":"groups","a":{"$gt":""}}').toString('base64url'),
          Buffer.from('{"l":"elsewhere","a":"a"}').toString('base64url'),
        ]) {
          const path = endpoint.path.includes('{') ? undefined : `${pathOf(endpoint)}?cursor=${cursor}`;
          if (path) await expectProblem(endpoint, send(endpoint, { path }), 400, 'bad_cursor');
        }
      }
      if (!endpoint.path.includes('{')) continue;
      for (const id of ['%24ne', '..%2F..', 'a'.repeat(300), '%00', "'%7C%7C1"]) {
        await expectProblem(endpoint, send(endpoint, { path: pathOf(endpoint, id) }), 400, 'invalid_input');
      }
    }
    expect(await databaseContents()).toBe(before);
  });

  it('refuses a body that is not what it takes, and says where', async () => {
    const before = await databaseContents();
    for (const endpoint of endpoints.filter(({ body, accepts }) => body && !accepts)) {
      const good = goodBody[keyOf(endpoint)]!;
      await expectProblem(endpoint, send(endpoint, { body: '{"name": ' }), 400, 'broken_json');
      await expectProblem(endpoint, send(endpoint, { type: 'text/plain' }), 415, 'wrong_content_type');
      await expectProblem(
        endpoint,
        send(endpoint, { type: 'application/json; charset=utf-7' }),
        415,
        'wrong_content_type',
      );
      await expectProblem(
        endpoint,
        send(endpoint, { type: 'application/x-www-form-urlencoded', body: 'name=x' }),
        415,
        'wrong_content_type',
      );
      await expectProblem(
        endpoint,
        send(endpoint, { body: JSON.stringify({ ...good, padding: 'x'.repeat((endpoint.bodyLimit ?? 0) + MIB) }) }),
        413,
        'body_too_large',
      );
      for (const body of ['[]', '"text"', '7', 'null', 'true'])
        await expectProblem(endpoint, send(endpoint, { body }), 400, 'invalid_input');
      const unknown = await expectProblem(
        endpoint,
        send(endpoint, { body: { ...good, colour: 'red' } }),
        400,
        'invalid_input',
      );
      expect(unknown.body.errors).toContainEqual({ pointer: '#/colour', detail: 'is not a known field' });
      const proto = await expectProblem(
        endpoint,
        send(endpoint, { body: `{"__proto__": {"a": 1}, ${JSON.stringify(good).slice(1)}` }),
        400,
        'invalid_input',
      );
      expect(proto.body.errors).toEqual([{ pointer: '#', detail: "contains a key '__proto__', which is not allowed" }]);
      for (const [field, value] of Object.entries(good)) {
        const isNullable = endpoint.body!.safeParse({ ...good, [field]: null }).success;
        const nothing = isNullable ? [] : [null];
        for (const wrong of [{ $ne: '' }, { $gt: '' }, Array.isArray(value) ? 'text' : ['text'], 7, ...nothing]) {
          const reply = await expectProblem(
            endpoint,
            send(endpoint, { body: { ...good, [field]: wrong } }),
            400,
            'invalid_input',
          );
          expect(reply.body.errors[0].pointer.split('/')[1]).toBe(field);
        }
      }
    }
    expect(await databaseContents()).toBe(before);
  });

  it('says 405 with Allow for a method it does not have, and 404 for a path that is none', async () => {
    for (const endpoint of endpoints) {
      const reply = await test.http.options(pathOf(endpoint)).set('authorization', `Bearer ${token}`);
      expect(reply.status).toBe(405);
      expect(reply.headers['allow']).toContain(endpoint.method.toUpperCase());
    }
    expect((await test.http.get('/v1/elsewhere').set('authorization', `Bearer ${token}`)).body).toMatchObject({
      status: 404,
      code: 'route_not_found',
    });
    expect((await test.http.get('/v1')).body).toMatchObject({ status: 404, code: 'route_not_found' });
  });

  it('answers 503 while the database is away, and serves again when it is back', async () => {
    const { remote, proxy, stop } = await startRemoteApp(test);
    try {
      expect((await remote.http.get('/v1/groups').set('authorization', `Bearer ${token}`)).status).toBe(200);
      proxy.cut();
      const replies = await Promise.all(
        endpoints.map((endpoint) => {
          const request = remote.http[endpoint.method](pathOf(endpoint)).set('authorization', `Bearer ${token}`);
          if (endpoint.accepts) return request.set('content-type', 'text/csv').send('username\n');
          return endpoint.body ? request.send(goodBody[keyOf(endpoint)]) : request;
        }),
      );
      expect(replies.map(({ status, body }) => `${status} ${body.code}`)).toEqual(
        endpoints.map(() => '503 unavailable'),
      );
      expect(replies[0]!.headers['retry-after']).toBe('5');
      expect((await remote.http.get('/readyz')).status).toBe(503);
      expect((await remote.http.get('/healthz')).status).toBe(200);
      proxy.mend();
      while ((await remote.http.get('/readyz')).status !== 200);
      expect((await remote.http.get('/v1/groups').set('authorization', `Bearer ${token}`)).status).toBe(200);
    } finally {
      await stop();
    }
  });

  describe('answers each error it declares:', () => {
    /** How to provoke each error of each endpoint; what every endpoint shares is provoked above. */
    const shared = new Set([
      'invalid_input',
      'broken_coding',
      'broken_json',
      'body_too_large',
      'wrong_content_type',
      'invalid_token',
      'insufficient_scope',
      'unavailable',
      'bad_cursor',
      'too_many_requests',
      'idempotency_key_reused',
      'precondition_failed',
      'precondition_required',
      // Four gibibytes.
      'file_too_large',
    ]);
    type Provocation = () => Promise<{ path?: string; body?: object }>;
    const at = (path: string) => async () => ({ path });

    const withoutFactors = async () => ({ path: `/v1/users/${await onlyAdministrator()}/factors/totp` });

    async function deepest(): Promise<string> {
      let parent: string | null = null;
      for (let level = 1; level <= 10; level += 1)
        parent = (await giveGroup(test, `Level ${level} ${Math.random()}`, [], [], { parent_id: parent })).id;
      return parent!;
    }

    const provocations: Record<string, Record<string, Provocation>> = {
      'post /v1/users': {
        username_taken: async () => ({
          body: { username: (await givePerson(test, 'taken@example.com')).username.toUpperCase() },
        }),
        weak_password: async () => ({ body: { username: 'weak@example.com', temporary_password: 'weak' } }),
        unknown_group: async () => ({ body: { username: 'new@example.com', group_ids: [NOBODY] } }),
        only_customers_can_be_members: async () => ({
          body: { username: 'new@example.com', kind: 'administrator', group_ids: [NOBODY] },
        }),
        only_administrators_have_admin_roles: async () => ({
          body: { username: 'new@example.com', admin_roles: ['owner'] },
        }),
        role_cannot_be_limited: async () => ({ body: { username: 'new@example.com', ...LIMITED_OWNER } }),
      },
      'post /v1/bulk/users': {
        unknown_group: async () => ({ body: { users: [{ username: 'new@example.com', group_ids: [NOBODY] }] } }),
        only_customers_can_be_members: async () => ({
          body: { users: [{ username: 'new@example.com', kind: 'administrator', group_ids: [NOBODY] }] },
        }),
        only_administrators_have_admin_roles: async () => ({
          body: { users: [{ username: 'new@example.com', admin_roles: ['owner'] }] },
        }),
        role_cannot_be_limited: async () => ({ body: { users: [{ username: 'new@example.com', ...LIMITED_OWNER }] } }),
      },
      'put /v1/users/{user_id}/groups': {
        user_not_found: at(`/v1/users/${NOBODY}/groups`),
        unknown_group: async () => ({
          path: `/v1/users/${(await givePerson(test, 'grouped@example.com')).id}/groups`,
          body: { group_ids: [NOBODY] },
        }),
        only_customers_can_be_members: async () => ({
          path: `/v1/users/${await onlyAdministrator()}/groups`,
          body: { group_ids: [NOBODY] },
        }),
      },
      'get /v1/users': { unsupported_search: at('/v1/users?q=ada&sort=name') },
      'get /v1/groups': { unsupported_search: at('/v1/groups?q=fans&sort=created_at') },
      'get /v1/users/{user_id}': { user_not_found: at(`/v1/users/${NOBODY}`) },
      'get /v1/users/{user_id}/factors': { user_not_found: at(`/v1/users/${NOBODY}/factors`) },
      'get /v1/users/{user_id}/factors/{factor_id}': {
        user_not_found: at(`/v1/users/${NOBODY}/factors/totp`),
        factor_not_found: withoutFactors,
      },
      'delete /v1/users/{user_id}/factors/{factor_id}': {
        user_not_found: at(`/v1/users/${NOBODY}/factors/totp`),
        factor_not_found: withoutFactors,
      },
      'delete /v1/users/{user_id}/factors': { user_not_found: at(`/v1/users/${NOBODY}/factors`) },
      'patch /v1/users/{user_id}': {
        user_not_found: at(`/v1/users/${NOBODY}`),
        username_never_changes: async () => ({
          path: `/v1/users/${(await givePerson(test, 'fixed@example.com')).id}`,
          body: { username: 'other@example.com' },
        }),
      },
      'post /v1/users/{user_id}/disable': {
        user_not_found: at(`/v1/users/${NOBODY}/disable`),
        last_administrator: async () => ({ path: `/v1/users/${await onlyAdministrator()}/disable` }),
      },
      'post /v1/users/{user_id}/enable': { user_not_found: at(`/v1/users/${NOBODY}/enable`) },
      'put /v1/users/{user_id}/password': {
        user_not_found: at(`/v1/users/${NOBODY}/password`),
        weak_password: async () => ({
          path: `/v1/users/${(await givePerson(test, 'reset@example.com')).id}/password`,
          body: { temporary_password: 'password' },
        }),
      },
      'patch /v1/settings': { unusable_setting: async () => ({ body: { COHORT_BRAND_NAME: '' } }) },
      'get /v1/users/{user_id}/administration': { user_not_found: at(`/v1/users/${NOBODY}/administration`) },
      'put /v1/users/{user_id}/administration': {
        user_not_found: at(`/v1/users/${NOBODY}/administration`),
        only_administrators_have_admin_roles: async () => ({
          path: `/v1/users/${(await givePerson(test, 'powerless@example.com')).id}/administration`,
        }),
        last_administrator: async () => ({ path: `/v1/users/${await onlyAdministrator()}/administration` }),
        role_cannot_be_limited: async () => ({
          path: `/v1/users/${await onlyAdministrator()}/administration`,
          body: { roles: ['owner'], group_ids: [NOBODY] },
        }),
        unknown_group: async () => ({
          path: `/v1/users/${await onlyAdministrator()}/administration`,
          body: { roles: ['users'], group_ids: [NOBODY] },
        }),
      },
      'get /v1/users/{user_id}/sessions': { user_not_found: at(`/v1/users/${NOBODY}/sessions`) },
      'delete /v1/users/{user_id}/sessions': { user_not_found: at(`/v1/users/${NOBODY}/sessions`) },
      'delete /v1/users/{user_id}/sessions/{session_id}': {
        user_not_found: at(`/v1/users/${NOBODY}/sessions/${NOBODY}`),
        session_not_found: async () => ({ path: `/v1/users/${await onlyAdministrator()}/sessions/${NOBODY}` }),
      },
      'get /v1/users/{user_id}/applications': { user_not_found: at(`/v1/users/${NOBODY}/applications`) },
      'delete /v1/users/{user_id}/applications/{client_id}': {
        user_not_found: at(`/v1/users/${NOBODY}/applications/${NOBODY}`),
        not_connected: async () => ({ path: `/v1/users/${await onlyAdministrator()}/applications/${NOBODY}` }),
      },
      'get /v1/users/{user_id}/effective-groups': { user_not_found: at(`/v1/users/${NOBODY}/effective-groups`) },
      'get /v1/users/{user_id}/lock': { user_not_found: at(`/v1/users/${NOBODY}/lock`) },
      'delete /v1/users/{user_id}/lock': { user_not_found: at(`/v1/users/${NOBODY}/lock`) },
      'get /v1/users/{user_id}/invitation': {
        user_not_found: at(`/v1/users/${NOBODY}/invitation`),
        invitation_not_found: async () => ({ path: `/v1/users/${await onlyAdministrator()}/invitation` }),
      },
      'post /v1/users/{user_id}/invitation': {
        user_not_found: at(`/v1/users/${NOBODY}/invitation`),
        not_invitable: async () => ({ path: `/v1/users/${await onlyAdministrator()}/invitation` }),
      },
      'delete /v1/users/{user_id}/invitation': {
        user_not_found: at(`/v1/users/${NOBODY}/invitation`),
        invitation_not_found: async () => ({ path: `/v1/users/${await onlyAdministrator()}/invitation` }),
        invitation_closed: async () => ({ path: `/v1/users/${await formerlyInvited()}/invitation` }),
      },
      'delete /v1/users/{user_id}': {
        user_not_found: at(`/v1/users/${NOBODY}`),
        last_administrator: async () => ({ path: `/v1/users/${await onlyAdministrator()}` }),
      },
      'get /v1/groups/{group_id}/applications': { group_not_found: at(`/v1/groups/${NOBODY}/applications`) },
      'get /v1/groups/{group_id}/owners': { group_not_found: at(`/v1/groups/${NOBODY}/owners`) },
      'put /v1/groups/{group_id}/owners/{user_id}': {
        group_not_found: at(`/v1/groups/${NOBODY}/owners/${NOBODY}`),
        user_not_found: async () => ({ path: `/v1/groups/${(await giveGroup(test, 'Unowned')).id}/owners/${NOBODY}` }),
        too_many_owners: async () => {
          const group = await giveGroup(test, 'Owned by all');
          for (let i = 0; i <= 50; i += 1) {
            const { id } = await givePerson(test, `owner${i}@example.com`);
            if (i === 50) return { path: `/v1/groups/${group.id}/owners/${id}` };
            await test.app.memberships.addOwner(system, group.id, id);
          }
          throw new Error('The loop above returns.');
        },
      },
      'delete /v1/groups/{group_id}/owners/{user_id}': {
        group_not_found: at(`/v1/groups/${NOBODY}/owners/${NOBODY}`),
        user_not_found: async () => ({ path: `/v1/groups/${(await giveGroup(test, 'Alone')).id}/owners/${NOBODY}` }),
        not_an_owner: async () => {
          const [group, person] = [await giveGroup(test, 'Free'), await givePerson(test, 'free@example.com')];
          return { path: `/v1/groups/${group.id}/owners/${person.id}` };
        },
      },
      'post /v1/groups': {
        unknown_group: async () => ({ body: { name: 'Orphan', parent_id: NOBODY } }),
        nesting_too_deep: async () => ({ body: { name: 'Eleventh', parent_id: await deepest() } }),
        group_name_taken: async () => ({ body: { name: (await giveGroup(test, 'Taken')).name.toUpperCase() } }),
        group_name_with_comma: async () => ({ body: { name: 'Guests,Pilots' } }),
        unknown_role: async () => ({ body: { name: 'With role', role_ids: [NOBODY] } }),
        unknown_member: async () => ({ body: { name: 'With member', member_ids: [NOBODY] } }),
      },
      'post /v1/imports': {},
      'get /v1/jobs/{job_id}/file': {
        job_not_found: at(`/v1/jobs/${NOBODY}/file`),
        no_file: async () => ({ path: `/v1/jobs/${await finishedJob()}/file` }),
      },
      'get /v1/jobs/{job_id}': { job_not_found: at(`/v1/jobs/${NOBODY}`) },
      'get /v1/jobs/{job_id}/failures': { job_not_found: at(`/v1/jobs/${NOBODY}/failures`) },
      'post /v1/jobs/{job_id}/cancel': {
        job_not_found: at(`/v1/jobs/${NOBODY}/cancel`),
        job_finished: async () => ({ path: `/v1/jobs/${await finishedJob()}/cancel` }),
      },
      'post /v1/jobs/{job_id}/apply': {
        job_not_found: at(`/v1/jobs/${NOBODY}/apply`),
        not_a_dry_run: async () => ({ path: `/v1/jobs/${await finishedJob()}/apply` }),
        unknown_file: async () => ({ path: `/v1/jobs/${await triedImport()}/apply` }),
      },
      'post /v1/jobs': {
        group_not_found: async () => ({
          body: { kind: 'add_to_group', group_id: NOBODY, select: { user_ids: [NOBODY] } },
        }),
        unsupported_search: async () => ({ body: { kind: 'disable', select: { search: { q: 'ada', sort: 'name' } } } }),
      },
      'get /v1/groups/{group_id}': { group_not_found: at(`/v1/groups/${NOBODY}`) },
      'patch /v1/groups/{group_id}': {
        unknown_group: async () => ({
          path: `/v1/groups/${(await giveGroup(test, 'Astray')).id}`,
          body: { parent_id: NOBODY },
        }),
        group_cycle: async () => {
          const { id } = await giveGroup(test, 'Ouroboros');
          return { path: `/v1/groups/${id}`, body: { parent_id: id } };
        },
        nesting_too_deep: async () => ({
          path: `/v1/groups/${(await giveGroup(test, 'Too deep')).id}`,
          body: { parent_id: await deepest() },
        }),
        group_not_found: at(`/v1/groups/${NOBODY}`),
        group_name_taken: async () => ({
          path: `/v1/groups/${(await giveGroup(test, 'Second')).id}`,
          body: { name: (await giveGroup(test, 'First')).name },
        }),
        group_name_with_comma: async () => ({
          path: `/v1/groups/${(await giveGroup(test, 'No comma')).id}`,
          body: { name: 'Guests,Pilots' },
        }),
        unknown_role: async () => ({
          path: `/v1/groups/${(await giveGroup(test, 'Third')).id}`,
          body: { role_ids: [NOBODY] },
        }),
      },
      'delete /v1/groups/{group_id}': {
        group_has_subgroups: async () => {
          const { id } = await giveGroup(test, 'Parent');
          await giveGroup(test, 'Child', [], [], { parent_id: id });
          return { path: `/v1/groups/${id}` };
        },
        group_not_found: at(`/v1/groups/${NOBODY}`),
      },
      'post /v1/groups/{group_id}/members': {
        group_not_found: at(`/v1/groups/${NOBODY}/members`),
      },
      'get /v1/groups/{group_id}/members': {
        group_not_found: at(`/v1/groups/${NOBODY}/members`),
        unsupported_search: at(`/v1/groups/${NOBODY}/members?q=ada&sort=name`),
      },
      'delete /v1/groups/{group_id}/members': { group_not_found: at(`/v1/groups/${NOBODY}/members`) },
      'delete /v1/groups/{group_id}/members/{user_id}': {
        group_not_found: at(`/v1/groups/${NOBODY}/members/${NOBODY}`),
        not_a_member: async () => ({ path: `/v1/groups/${(await giveGroup(test, 'Sixth')).id}/members/${NOBODY}` }),
      },
      'get /v1/users/{user_id}/groups': { user_not_found: at(`/v1/users/${NOBODY}/groups`) },
      'post /v1/roles': {
        role_name_taken: async () => ({ body: { name: (await giveRole(test, 'taken')).name.toUpperCase() } }),
      },
      'get /v1/roles/{role_id}': { role_not_found: at(`/v1/roles/${NOBODY}`) },
      'patch /v1/roles/{role_id}': {
        role_not_found: at(`/v1/roles/${NOBODY}`),
        role_name_taken: async () => ({
          path: `/v1/roles/${(await giveRole(test, 'second')).id}`,
          body: { name: (await giveRole(test, 'first')).name },
        }),
      },
      'delete /v1/roles/{role_id}': { role_not_found: at(`/v1/roles/${NOBODY}`) },
      'post /v1/applications': {
        client_id_taken: async () => ({
          body: { name: 'Twice', client_id: (await giveService(test)).id, redirect_uris: ['https://a.example.com/'] },
        }),
        unknown_scope: async () => ({ body: { name: 'Greedy', type: 'service', scopes: ['everything'] } }),
        invalid_application: async () => ({ body: { name: 'Nowhere', type: 'web' } }),
      },
      'get /v1/applications': { unsupported_search: at('/v1/applications?q=crew&sort=-created_at') },
      'get /v1/applications/{client_id}': { application_not_found: at(`/v1/applications/${NOBODY}`) },
      'get /v1/applications/{client_id}/claims/{user_id}': {
        application_not_found: at(`/v1/applications/${NOBODY}/claims/${NOBODY}`),
        user_not_found: async () => ({ path: `/v1/applications/${await publicApplication()}/claims/${NOBODY}` }),
        not_a_sign_in_client: async () => ({
          path: `/v1/applications/${(await giveService(test)).id}/claims/${NOBODY}`,
        }),
      },
      'get /v1/applications/{client_id}/claim-policy': {
        application_not_found: at(`/v1/applications/${NOBODY}/claim-policy`),
        not_a_sign_in_client: async () => ({ path: `/v1/applications/${(await giveService(test)).id}/claim-policy` }),
      },
      'put /v1/applications/{client_id}/claim-policy': {
        application_not_found: at(`/v1/applications/${NOBODY}/claim-policy`),
        not_a_sign_in_client: async () => ({
          path: `/v1/applications/${(await giveService(test)).id}/claim-policy`,
          body: {},
        }),
        invalid_application: async () => ({
          path: `/v1/applications/${await publicApplication()}/claim-policy`,
          body: { strip_prefix: true },
        }),
        unknown_group: async () => ({
          path: `/v1/applications/${await publicApplication()}/claim-policy`,
          body: { group_ids: [NOBODY] },
        }),
      },
      'patch /v1/applications/{client_id}': {
        application_not_found: at(`/v1/applications/${NOBODY}`),
        unknown_scope: async () => ({
          path: `/v1/applications/${(await giveService(test)).id}`,
          body: { scopes: ['everything'] },
        }),
        invalid_application: async () => ({
          path: `/v1/applications/${(await giveService(test)).id}`,
          body: { redirect_uris: ['https://a.example.com/'] },
        }),
      },
      'post /v1/applications/{client_id}/secret': {
        application_not_found: at(`/v1/applications/${NOBODY}/secret`),
        no_secret: async () => ({ path: `/v1/applications/${await publicApplication()}/secret` }),
      },
      'delete /v1/applications/{client_id}': { application_not_found: at(`/v1/applications/${NOBODY}`) },
    };

    let administrator: string | undefined;
    const onlyAdministrator = async () =>
      (administrator ??= (await givePerson(test, 'owner@example.com', { kind: 'administrator' })).id);
    const formerlyInvited = async () => {
      const user = { username: 'invited@example.com', first_name: '', last_name: '', custom_data: {} };
      const { invitations } = test.app;
      const { id } = await invitations.createInvited(system, { ...user, kind: 'customer' });
      await invitations.revoke(system, id);
      return id;
    };
    const finishedJob = async () => {
      const { id } = await test.app.jobs.order(system, 'disable', { select: { user_ids: [NOBODY] } });
      await test.app.drainJobs();
      return id;
    };
    /** Whose file is gone. */
    const triedImport = async () => {
      const fileId = '00000000000000f1';
      await test.app.importExport.files.write(fileId, pieces(Buffer.from('name\n')), 100);
      const input = { type: 'roles', format: 'csv', file_id: fileId, dry_run: true, lines: 1 };
      const { id } = await test.app.jobs.order(system, 'import', input);
      await test.app.drainJobs();
      await test.app.importExport.files.remove(fileId);
      return id;
    };
    const publicApplication = async () => {
      const fields = {
        name: 'Public',
        type: 'native',
        description: '',
        redirect_uris: [],
        post_logout_redirect_uris: [],
        scopes: [],
        skip_consent: false,
        require_pkce: false,
        requires_second_factor: false,
      } as const;
      const wanted = {
        ...fields,
        redirect_uris: ['com.example.app:/callback'],
        post_logout_redirect_uris: [],
        scopes: [],
      };
      return (await test.app.applications.create(system, wanted)).application.id;
    };

    it('all of them, with nothing written', async () => {
      for (const endpoint of endpoints) {
        const declared = errorsOf(endpoint, endpoints).filter(({ code }) => !shared.has(code));
        const known = provocations[keyOf(endpoint)] ?? {};
        expect({ [keyOf(endpoint)]: Object.keys(known).sort() }).toEqual({
          [keyOf(endpoint)]: declared.map(({ code }) => code).sort(),
        });
        for (const { code, kind } of declared) {
          const { path, body } = await known[code]!();
          const before = await databaseContents();
          await expectProblem(
            endpoint,
            send(endpoint, { path: path ?? pathOf(endpoint), body: body ?? goodBody[keyOf(endpoint)] }),
            statusOf[kind],
            code,
          );
          expect(await databaseContents()).toBe(before);
        }
      }
    });
  });

  it('is in the OpenAPI document with its scope and errors, and on the page that shows it', async () => {
    const { body: document } = await test.http.get('/v1/openapi.json');
    expect(document.openapi).toBe('3.1.0');
    const page = await test.http.get('/v1/docs');
    expect(page.status).toBe(200);
    for (const endpoint of endpoints) {
      const operation = document.paths[endpoint.path][endpoint.method];
      expect(operation.security).toEqual([{ service: [endpoint.scope] }]);
      for (const { kind, code } of errorsOf(endpoint, endpoints))
        expect(operation.responses[String(statusOf[kind])].description).toContain(code);
      expect(page.text).toContain(endpoint.summary);
    }
  });
});
