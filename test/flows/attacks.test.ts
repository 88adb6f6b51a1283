import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveUser,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('an attacker', () => {
  let test: TestApp;
  let token: string;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  const api = (method: 'get' | 'post' | 'patch', path: string, body?: object | string) => {
    const request = test.http[method](path)
      .set('authorization', `Bearer ${token}`)
      .set('content-type', 'application/json');
    return body ? request.send(body) : request;
  };

  it('gets no token for the admin API by signing in as a customer', async () => {
    const refused = await api('post', '/v1/applications', {
      name: 'Greedy',
      type: 'spa',
      redirect_uris: [REDIRECT_URI],
      scopes: ['users:write'],
    });
    expect(refused.body).toMatchObject({ status: 400, code: 'invalid_application', errors: [{ pointer: '#/scopes' }] });
    const start = await party.start({ scope: 'openid users:write', parameters: { resource: `${test.issuer}/v1` } });
    const visit = await createPlainBrowser({ stopAt: [REDIRECT_URI] }).open(start.address.href);
    expect(new URL(visit.address).searchParams.get('error')).toBe('invalid_target');
  });

  it("redeems no other application's code or refresh token", async () => {
    const other = await giveApplication(test);
    const { visit, verifier } = await party.authorize({ login: 'ada@example.com' });
    const code = new URL(visit.address).searchParams.get('code')!;
    const redeem = { grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI };
    expect((await test.http.post('/token').auth(other.id, other.secret).type('form').send(redeem)).body.error).toBe(
      'invalid_grant',
    );
    const { tokens } = await party.signIn({ login: 'ada@example.com', scope: 'openid offline_access' });
    const refresh = { grant_type: 'refresh_token', refresh_token: tokens.refresh_token! };
    expect((await test.http.post('/token').auth(other.id, other.secret).type('form').send(refresh)).body.error).toBe(
      'invalid_grant',
    );
  });

  it.each<object | string>([
    { custom_data: { a: { _bsontype: 'Foo' } } },
    `{"custom_data":{"a":${'['.repeat(5000)}${']'.repeat(5000)}}}`,
    { custom_data: { 'a\u0000b': 1 } },
    { custom_data: { a: '\ud800' } },
    { first_name: '\ud800' },
    { first_name: 'a\u0000b' },
    { last_name: 'x'.repeat(60_000) },
  ])('breaks nothing with the body %j', async (body) => {
    const { id } = await giveUser(test, `p${Math.random().toString(36).slice(2)}@example.com`);
    expect((await api('patch', `/v1/users/${id}`, body)).status).toBeLessThan(500);
  });

  it.each([
    '{"id_token":{"sub":{"_bsontype":"Foo"}}}',
    '{"id_token":{"a\\u0000b":null}}',
    '{"userinfo":{"$where":null,"a.b":null}}',
  ])('breaks nothing with the claims %s', async (claims) => {
    const { browser } = await party.signIn({ login: 'ada@example.com' });
    const { address } = await party.start({ parameters: { claims } });
    expect((await browser.open(address.href)).status).toBeLessThan(500);
  });

  it('breaks nothing at the device pages without a session', async () => {
    for (const reply of [
      await test.http.post('/device').type('form').send({ user_code: 'x' }),
      await test.http.get('/device/unknown'),
      await test.http.post('/device').type('form').set('cookie', 'session=stale').send({ user_code: 'x', xsrf: 'y' }),
    ]) {
      expect(reply.status).toBeLessThan(500);
      expect(reply.text).toContain('<h1');
    }
  });

  it('cannot make a list end early by a name that grows when it is normalised', async () => {
    expect((await api('post', '/v1/groups', { name: '㌀'.repeat(100) })).body).toMatchObject({
      status: 400,
      code: 'invalid_input',
    });
    for (const end of ['0', '1'])
      expect((await api('post', '/v1/groups', { name: `${'㌀'.repeat(30)}${end}` })).status).toBe(201);
    const first = await api('get', '/v1/groups?limit=1');
    expect((await api('get', `/v1/groups?limit=1&cursor=${first.body.next}`)).body.result).toHaveLength(1);
  });

  describe('who may register applications', () => {
    const register = async (metadata: object) => {
      const initial = await test.app.makeRegistrationToken(60);
      return test.http.post('/reg').set('authorization', `Bearer ${initial}`).send(metadata);
    };

    it.each(['http://evil.example.com/cb', 'https://*.example.com/cb', 'https://a.example.com/\u0000'])(
      'cannot register %j',
      async (uri) => {
        const reply = await register({ redirect_uris: [uri] });
        expect(reply.status).toBe(400);
      },
    );

    it('cannot give itself what only an administrator gives, nor take back what one decided', async () => {
      const made = await register({
        redirect_uris: [REDIRECT_URI],
        skip_consent: true,
        adminScopes: ['users:write'],
        client_name: 'Own name',
      });
      expect(made.status).toBe(201);
      const { client_id: id, client_secret: secret, registration_access_token: registration } = made.body;
      expect(await test.app.applications.get(id)).toMatchObject({ skipConsent: false, adminScopes: [] });
      await test.app.applications.update(system, id, { description: 'set by an administrator', skip_consent: true });
      const changed = await test.http
        .put(`/reg/${id}`)
        .set('authorization', `Bearer ${registration}`)
        .send({ client_id: id, client_secret: secret, redirect_uris: [REDIRECT_URI], client_name: 'New name' });
      expect(changed.status).toBe(200);
      expect(await test.app.applications.get(id)).toMatchObject({
        name: 'New name',
        description: 'set by an administrator',
        skipConsent: true,
      });
    });
  });

  it('cannot have an address of a private network called, when they are refused', async () => {
    const strict = await startApp({ settings: { COHORT_ALLOW_PRIVATE_NETWORK_URLS: 'off' } });
    try {
      const initial = await strict.app.makeRegistrationToken(60);
      const registered = await strict.http
        .post('/reg')
        .set('authorization', `Bearer ${initial}`)
        .send({
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: 'private_key_jwt',
          token_endpoint_auth_signing_alg: 'RS256',
          jwks_uri: `${strict.issuer}/jwks`,
        });
      const assertion = 'eyJhbGciOiJSUzI1NiJ9.e30.e30';
      const reply = await strict.http.post('/token').type('form').send({
        grant_type: 'authorization_code',
        code: 'x',
        redirect_uri: REDIRECT_URI,
        client_id: registered.body.client_id,
        client_assertion: assertion,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      });
      expect(reply.status).toBeGreaterThanOrEqual(400);
      expect(reply.status).toBeLessThan(500);
    } finally {
      await strict.tearDown();
    }
  });

  it('sees no metrics through a proxy on the same machine', async () => {
    expect((await test.http.get('/metrics').set('x-forwarded-for', '8.8.8.8')).status).toBe(401);
  });

  it('finds no second address for a guarded one by its case', async () => {
    expect((await test.http.get('/V1/groups').set('authorization', `Bearer ${token}`)).status).toBe(404);
    expect((await test.http.get('/Setup/x')).status).toBe(404);
  });

  it('finds in the database nothing that can be presented', async () => {
    const device = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
    const service = await giveService(test);
    const link = await test.app.bootstrap.makeLink();
    const { tokens, browser, visit } = await party.signIn({ login: 'ada@example.com', scope: 'openid offline_access' });
    const started = await createPlainBrowser().open((await party.start()).address.href);
    const codes = await test.http.post('/device/auth').type('form').send({ client_id: device.id, scope: 'openid' });
    const secrets = [
      tokens.access_token,
      tokens.refresh_token!,
      new URL(visit.address).searchParams.get('code')!,
      started.address.split('/').at(-1)!,
      codes.body.device_code,
      codes.body.user_code.replace('-', ''),
      link.split('/').at(-1)!,
      service.secret,
      application.secret,
      PASSWORD,
      ...browser.cookies().map((cookie) => cookie.split('=')[1]!),
    ];
    const { connection } = test.app.database;
    const names = (await connection.db!.listCollections().toArray()).map(({ name }) => name);
    const everything = JSON.stringify(
      await Promise.all(names.map((name) => connection.collection(name).find().toArray())),
    );
    for (const secret of secrets) expect(everything.includes(secret)).toBe(false);
  });

  it('brings no ended session back with a request that was under way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const grace = await giveUser(test, `grace${round}@example.com`);
      const { browser } = await party.signIn({ login: grace.username });
      const { address } = await party.start();
      let ended = false;
      const loops = Array.from({ length: 6 }, async () => {
        while (!ended) await browser.open(address.href);
        await browser.open(address.href);
      });
      await test.app.users.disable(system, grace.id);
      ended = true;
      await Promise.all(loops);
      expect(
        await test.app.database.connection.collection('oidc_sessions').countDocuments({ accountId: grace.id }),
      ).toBe(0);
    }
  });

  it('keeps nobody from being disabled by never letting go of a session', async () => {
    const kim = await giveUser(test, 'kim@example.com');
    const { browser } = await party.signIn({ login: kim.username });
    const sessions = test.app.database.connection.collection('oidc_sessions');
    let ended = false;
    // More than any browser does: the document changes between every two steps of whoever would remove it.
    const loops = Array.from({ length: 6 }, async () => {
      while (!ended) await sessions.updateOne({ accountId: kim.id }, { $set: { seenAt: new Date() } });
    });
    try {
      await test.app.users.disable(system, kim.id);
    } finally {
      ended = true;
      await Promise.all(loops);
    }
    expect(await sessions.countDocuments({ accountId: kim.id })).toBe(0);
    expect((await browser.open((await party.start()).address.href)).html).toContain('login-submit');
  });

  it("skips consent for the operator's own application, also when it asks for more in the same session", async () => {
    const { browser } = await party.signIn({ login: 'ada@example.com', scope: 'openid' });
    const wider = await party.start({ scope: 'openid groups profile' });
    expect((await browser.open(wider.address.href)).address).toContain('code=');
  });
});
