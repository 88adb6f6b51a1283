import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { pathOfPages } from '../support/pages.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  givePerson,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  startHouse,
  type TestHouse,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import { startRemoteHouse } from '../support/remote-app.ts';

type Remote = Awaited<ReturnType<typeof startRemoteHouse>>;

const AWAY = {
  error: 'temporarily_unavailable',
  error_description: 'the database cannot be reached, try again soon',
};

describe('while the database is away', () => {
  let test: TestHouse;
  let node: Remote;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let application: { id: string; secret: string };

  beforeAll(async () => {
    const settings = { COHORT_SELF_REGISTRATION: 'open' };
    test = await startHouse({ settings });
    node = await startRemoteHouse(test, settings);
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const { id } = await givePerson(test, 'ada@example.com');
    for (const name of ['Pilots', 'Staff']) await giveGroup(test, name, [id]);
    await test.http
      .put(`/v1/applications/${application.id}/claim-policy`)
      .set('authorization', `Bearer ${await adminToken(test)}`)
      .send({ limit: 1 });
  });
  afterEach(async () => {
    node.proxy.mend();
    while ((await node.remote.http.get('/readyz')).status !== 200);
  });
  afterAll(async () => {
    await node.stop();
    await test.tearDown();
  });

  const cookiesOf = (reply: { headers: Record<string, unknown> }) =>
    ((reply.headers['set-cookie'] ?? []) as string[]).map((cookie) => cookie.split(';')[0]).join('; ');

  /** Everything that is needed for a good request to each endpoint of the protocol. */
  async function prepared() {
    const service = await giveService(test);
    const native = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
    const scope = 'openid offline_access groups';
    const { tokens, browser, idToken } = await party.signIn({ login: 'ada@example.com', scope });
    const { visit, verifier } = await party.authorize({ login: 'ada@example.com', browser });
    const device = (await test.http.post('/device/auth').type('form').send({ client_id: native.id, scope: 'openid' }))
      .body;
    const initial = await test.house.makeRegistrationToken(600);
    const registered = (
      await test.http
        .post('/reg')
        .set('authorization', `Bearer ${initial}`)
        .send({ redirect_uris: [REDIRECT_URI] })
    ).body;
    const started = await test.http.get('/auth').query((await party.start()).address.searchParams.toString());
    return {
      service,
      native,
      tokens,
      device,
      initial: await test.house.makeRegistrationToken(600),
      registered,
      code: new URL(visit.address).searchParams.get('code')!,
      verifier,
      claims: (idToken['_claim_sources'] as { cohort: { access_token: string } }).cohort.access_token,
      session: browser.cookies().join('; '),
      interaction: { path: started.headers['location'] as string, cookies: cookiesOf(started) },
    };
  }

  it('every endpoint of the protocol says so in the words of OAuth, and when to come again', async () => {
    const { http } = node.remote;
    const { service, native, tokens, claims, device, initial, registered, code, verifier } = await prepared();
    const token = (fields: Record<string, string>, client = application) =>
      http.post('/token').auth(client.id, client.secret).type('form').send(fields);
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
    const registration = bearer(registered.registration_access_token);
    const form = (path: string) => http.post(path).auth(application.id, application.secret).type('form');
    const requests = () => [
      token({ grant_type: 'client_credentials', scope: 'groups:read' }, service),
      token({ grant_type: 'authorization_code', code, code_verifier: verifier, redirect_uri: REDIRECT_URI }),
      token({ grant_type: 'refresh_token', refresh_token: tokens.refresh_token! }),
      http.post('/token').type('form').send({
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: device.device_code,
        client_id: native.id,
      }),
      http.get('/me').set(bearer(tokens.access_token)),
      http.get('/distributed-claims').set(bearer(claims)),
      http.post('/me').set(bearer(tokens.access_token)),
      form('/token/introspection').send({ token: tokens.access_token }),
      form('/token/revocation').send({ token: tokens.refresh_token! }),
      form('/request').send({
        client_id: application.id,
        response_type: 'code',
        redirect_uri: REDIRECT_URI,
        scope: 'openid',
      }),
      http.post('/device/auth').type('form').send({ client_id: native.id, scope: 'openid' }),
      http
        .post('/reg')
        .set(bearer(initial))
        .send({ redirect_uris: [REDIRECT_URI] }),
      http.get(`/reg/${registered.client_id}`).set(registration),
      http
        .put(`/reg/${registered.client_id}`)
        .set(registration)
        .send({
          client_id: registered.client_id,
          client_secret: registered.client_secret,
          redirect_uris: [REDIRECT_URI],
        }),
      http.delete(`/reg/${registered.client_id}`).set(registration),
    ];
    node.proxy.cut();
    const replies = await Promise.all(requests());
    for (const { status, body, headers } of replies) {
      expect({ status, body }).toEqual({ status: 503, body: AWAY });
      expect(headers['retry-after']).toBe('5');
      expect(headers).not.toHaveProperty('www-authenticate');
    }
    expect((await http.get('/jwks')).status).toBe(200);
    expect((await http.get('/.well-known/openid-configuration')).status).toBe(200);
    node.proxy.mend();
    while ((await http.get('/readyz')).status !== 200);
    // Nothing was used up, and nothing that is asked for again is refused.
    const again = [];
    for (const request of requests()) again.push(await request);
    // The last: the registration token was another one after the application was changed.
    expect(again.map(({ status }) => status)).toEqual([
      200, 200, 200, 400, 200, 200, 200, 200, 200, 201, 200, 201, 200, 200, 401,
    ]);
    expect(again[3]!.body.error).toBe('authorization_pending');
  }, 120_000);

  it('every page says so, and when to come again', async () => {
    const { http, house } = node.remote;
    const { session, interaction, device } = await prepared();
    const cookie = `${session}; ${interaction.cookies}`;
    const browse = { accept: 'text/html', cookie };
    const { address } = await party.start();
    const shown = [
      `/auth?${address.searchParams.toString()}`,
      interaction.path.replace('/interaction/', '/auth/'),
      interaction.path,
      '/session/end',
      `/device?user_code=${device.user_code}`,
      '/account',
      '/console',
      '/me',
      ...pathOfPages(house, 'show'),
    ];
    const sent = [
      `${interaction.path}/login`,
      `${interaction.path}/cancel`,
      '/session/end/confirm',
      '/device',
      ...pathOfPages(house, 'submit'),
    ];
    const fields = {
      login: 'ada@example.com',
      email: 'ada@example.com',
      password: PASSWORD,
      user_code: device.user_code,
    };
    node.proxy.cut();
    const replies = await Promise.all([
      ...shown.map((path) => http.get(path).set(browse)),
      ...sent.map((path) =>
        http
          .post(path)
          .set(browse)
          .type('form')
          .send({ ...fields, xsrf: 'x' }),
      ),
    ]);
    const unavailable = replies.filter(({ status }) => status === 503);
    for (const { text, headers } of unavailable) {
      expect(headers['retry-after']).toBe('5');
      expect(headers['content-type']).toContain('text/html');
      expect(text).toContain('<h1');
    }
    // What needs no database, such as a way back or a form that was not filled in, is served.
    const others = replies
      .filter(({ status }) => status !== 503)
      .map((reply) => `${reply.status} ${reply.request.url}`);
    expect(others.filter((line) => line.startsWith('5'))).toEqual([]);
    const paths = unavailable.map(({ request }) => new URL(request.url).pathname);
    expect(paths).toEqual(
      expect.arrayContaining([
        '/auth',
        interaction.path,
        `${interaction.path}/login`,
        '/session/end',
        '/account',
        '/console',
      ]),
    );
  }, 120_000);

  it('applications whose redirect URI is known to be theirs get it back with the redirect', async () => {
    const { http } = node.remote;
    const { session } = await prepared();
    const { address, state } = await party.start();
    for (const collection of ['oidc_sessions', 'oidc_grants', 'oidc_authorization_codes']) {
      node.proxy.cutWhenSent(collection);
      const reply = await http.get(`/auth?${address.searchParams.toString()}`).set('cookie', session);
      const back = new URL(reply.headers['location'] as string);
      expect([reply.status, `${back.origin}${back.pathname}`]).toEqual([303, REDIRECT_URI]);
      expect(Object.fromEntries(back.searchParams)).toEqual({ ...AWAY, state, iss: test.issuer });
      node.proxy.mend();
    }
    // Without the application nobody can say whether the redirect URI is its own.
    const unknown = new URL(address);
    unknown.searchParams.set('redirect_uri', 'https://evil.example.com/');
    node.proxy.cutWhenSent('oidc_sessions');
    const refused = await http.get(`/auth?${unknown.searchParams.toString()}`).set('cookie', session);
    expect([refused.status, refused.headers['location']]).toEqual([400, undefined]);
  });

  it('a device code survives a moment without it', async () => {
    const { http } = node.remote;
    const { session, device, native } = await prepared();
    const browser = { accept: 'text/html', cookie: session };
    const page = await http.get('/device').set(browser);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)![1]!;
    const cookie = `${session}; ${cookiesOf(page)}`;
    const confirm = (confirmed: Record<string, string>) =>
      http
        .post('/device')
        .set({ ...browser, cookie })
        .type('form')
        .send({ user_code: device.user_code, xsrf, ...confirmed });
    node.proxy.cutWhenSent('oidc_grants');
    const failed = await confirm({ confirm: 'yes' });
    expect([failed.status, failed.headers['retry-after']]).toEqual([503, '5']);
    node.proxy.mend();
    const polled = await test.http.post('/token').type('form').send({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: native.id,
    });
    expect(polled.body.error).toBe('authorization_pending');
  });

  it.each([
    'oidc_sessions',
    'oidc_interactions',
    'oidc_grants',
    'oidc_authorization_codes',
    'users',
    'applications',
    'waits',
    'attempts',
    'audit_events',
    'devices',
    'statistics',
  ])(
    'no step of a sign-in answers 500 when it fails at %s',
    async (collection) => {
      const { http } = node.remote;
      const { interaction, session, code, verifier, tokens } = await prepared();
      const { cookies, path } = interaction;
      node.proxy.cutWhenSent(collection);
      const requests = [
        http.get(`/auth?${(await party.start()).address.searchParams.toString()}`).set('cookie', session),
        http.get(path).set('cookie', cookies),
        http
          .post(`${path}/login`)
          .set('cookie', cookies)
          .type('form')
          .send({ login: 'ada@example.com', password: PASSWORD }),
        http.get(path.replace('/interaction/', '/auth/')).set('cookie', cookies),
        http.post('/token').auth(application.id, application.secret).type('form').send({
          grant_type: 'authorization_code',
          code,
          code_verifier: verifier,
          redirect_uri: REDIRECT_URI,
        }),
        http.get('/me').set('authorization', `Bearer ${tokens.access_token}`),
        http.get('/account').set('cookie', session),
      ];
      const replies = [];
      for (const request of requests) replies.push(await request);
      expect(replies.filter(({ status }) => status >= 500 && status !== 503).map(({ text }) => text)).toEqual([]);
      for (const { status, headers } of replies) expect(headers['retry-after']).toBe(status === 503 ? '5' : undefined);
      for (const { body } of replies) expect(body.error ?? AWAY.error).toBe(AWAY.error);
    },
    60_000,
  );

  it('a pool without a free connection is the same', async () => {
    const { http, house } = node.remote;
    const { service, tokens, session } = await prepared();
    const { connection } = house.database;
    await connection.collection('slow').insertOne({});
    const busy = Array.from({ length: 50 }, () => connection.collection('slow').findOne({ $where: 'sleep(4000)' }));
    const { address, state } = await party.start();
    const [token, userinfo, authorization, account, api] = await Promise.all([
      http.post('/token').auth(service.id, service.secret).type('form').send({ grant_type: 'client_credentials' }),
      http.get('/me').set('authorization', `Bearer ${tokens.access_token}`),
      http.get(`/auth?${address.searchParams.toString()}`).set('cookie', session),
      http.get('/account').set('cookie', session),
      http.get('/v1/groups').set('authorization', `Bearer ${await adminToken(test)}`),
    ]);
    await Promise.all(busy);
    expect([token.status, token.body, userinfo.status, userinfo.body]).toEqual([503, AWAY, 503, AWAY]);
    expect([account.status, api.status, api.body.code]).toEqual([503, 503, 'unavailable']);
    const back = new URL(authorization.headers['location'] as string);
    expect(Object.fromEntries(back.searchParams)).toEqual({ ...AWAY, state, iss: test.issuer });
  });

  it('a sign-in works again as soon as it is back', async () => {
    node.proxy.cut();
    expect((await node.remote.http.post('/recover').type('form').send({ email: 'ada@example.com' })).status).toBe(503);
    node.proxy.mend();
    while ((await node.remote.http.get('/readyz')).status !== 200);
    const { visit } = await party.authorize({
      login: 'ada@example.com',
      browser: createPlainBrowser({ stopAt: [REDIRECT_URI] }),
    });
    expect(visit.address).toContain('code=');
  });
});
