import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { changesOf } from '../../src/platform/db/change-feed.mongo.ts';
import { adminToken, REDIRECT_URI, startApp } from '../support/app.ts';
import { until } from '../support/process.ts';
import { AWAY, cookiesOf, expectNoDefectAt, startOutage, type Outage } from './outage.ts';

const POOL = 3;
/** A request that waits for a connection gives up after two seconds. */
const BUSY_MS = 6000;

describe('while the database is away', () => {
  let outage: Outage;
  beforeAll(async () => {
    outage = await startOutage();
  });
  afterEach(() => outage.mend());
  afterAll(() => outage.stop());

  it('every endpoint of the protocol says so in the words of OAuth, and when to come again', async () => {
    const { http } = outage.remote;
    const { service, native, tokens, claims, device, initial, registered, code, verifier } = await outage.prepare();
    const token = (fields: Record<string, string>, client = outage.application) =>
      http.post('/token').auth(client.id, client.secret).type('form').send(fields);
    const bearer = (value: string) => ({ authorization: `Bearer ${value}` });
    const registration = bearer(registered.registration_access_token);
    const form = (path: string) => http.post(path).auth(outage.application.id, outage.application.secret).type('form');
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
        client_id: outage.application.id,
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
    outage.proxy.cut();
    const replies = await Promise.all(requests());
    for (const { status, body, headers } of replies) {
      expect({ status, body }).toEqual({ status: 503, body: AWAY });
      expect(headers['retry-after']).toBe('5');
      expect(headers).not.toHaveProperty('www-authenticate');
    }
    expect((await http.get('/jwks')).status).toBe(200);
    expect((await http.get('/.well-known/openid-configuration')).status).toBe(200);
    await outage.mend();
    // Nothing was used up, and nothing that is asked for again is refused.
    const again = [];
    for (const request of requests()) again.push(await request);
    // The last: the registration token was another one after the application was changed.
    expect(again.map(({ status }) => status)).toEqual([
      200, 200, 200, 400, 200, 200, 200, 200, 200, 201, 200, 201, 200, 200, 401,
    ]);
    expect(again[3]!.body.error).toBe('authorization_pending');
  }, 120_000);

  it('applications whose redirect URI is known to be theirs get it back with the redirect', async () => {
    const { http } = outage.remote;
    const { session } = await outage.prepare();
    const { address, state } = await outage.party.start();
    for (const collection of ['oidc_sessions', 'oidc_grants']) {
      outage.proxy.cutWhenSent(collection);
      const reply = await http.get(`/auth?${address.searchParams.toString()}`).set('cookie', session);
      const back = new URL(reply.headers['location'] as string);
      expect([reply.status, `${back.origin}${back.pathname}`]).toEqual([303, REDIRECT_URI]);
      expect(Object.fromEntries(back.searchParams)).toEqual({ ...AWAY, state, iss: outage.test.issuer });
      outage.proxy.mend();
    }
    // Without the application nobody can say whether the redirect URI is its own.
    const unknown = new URL(address);
    unknown.searchParams.set('redirect_uri', 'https://evil.example.com/');
    outage.proxy.cutWhenSent('oidc_sessions');
    const refused = await http.get(`/auth?${unknown.searchParams.toString()}`).set('cookie', session);
    expect([refused.status, refused.headers['location']]).toEqual([400, undefined]);
  });

  it('a device code survives a moment without it', async () => {
    const { http } = outage.remote;
    const { session, device, native } = await outage.prepare();
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
    outage.proxy.cutWhenSent('oidc_grants');
    const failed = await confirm({ confirm: 'yes' });
    expect([failed.status, failed.headers['retry-after']]).toEqual([503, '5']);
    outage.proxy.mend();
    const polled = await outage.test.http.post('/token').type('form').send({
      grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
      device_code: device.device_code,
      client_id: native.id,
    });
    expect(polled.body.error).toBe('authorization_pending');
  });

  // `database-outage.exhaustive.test.ts` has every collection.
  it.each(['oidc_sessions', 'users'])('no step of a sign-in answers 500 when it fails at %s', (collection) =>
    expectNoDefectAt(outage, collection),
  );

  it('a pool without a free connection is the same, and what memory knows still counts', async () => {
    const { issuer, uri } = outage.test;
    const node = await startApp({ uri: `${uri}&maxPoolSize=${POOL}`, settings: { COHORT_ISSUER: issuer } });
    try {
      const { http, app } = node;
      const { connection } = app.database;
      await connection.collection('slow').insertOne({});
      const { session } = await outage.prepare();
      const { address, state } = await outage.party.start();
      const token = await adminToken(outage.test);
      const authorize = () => http.get(`/auth?${address.searchParams.toString()}`).set('cookie', session);
      const expectRedirect = ({ headers }: { headers: Record<string, string> }) => {
        const back = new URL(headers['location']!);
        expect(Object.fromEntries(back.searchParams)).toEqual({ ...AWAY, state, iss: issuer });
      };
      await until(async () => changesOf(connection).isCurrent());
      await authorize();
      const sleep = () => connection.collection('slow').findOne({ $where: `sleep(${BUSY_MS})` });
      const busy = Promise.allSettled(Array.from({ length: POOL }, sleep));
      const [authorization, account, api] = await Promise.all([
        authorize(),
        http.get('/account').set('cookie', session),
        http.get('/v1/groups').set('authorization', `Bearer ${token}`),
      ]);
      expect([account.status, api.status, api.body.code]).toEqual([503, 503, 'unavailable']);
      // Whether the redirect URI is the application's own is known from memory, also when a proof of before would no longer count.
      expectRedirect(authorization);
      expectRedirect(await authorize());
      await busy;
    } finally {
      await node.app.stop();
    }
  });

  it('a sign-in works again as soon as it is back', async () => {
    outage.proxy.cut();
    expect((await outage.remote.http.post('/recover').type('form').send({ email: 'ada@example.com' })).status).toBe(
      503,
    );
    await outage.mend();
    const { visit } = await outage.party.authorize({
      login: 'ada@example.com',
      browser: createPlainBrowser({ stopAt: [REDIRECT_URI] }),
    });
    expect(visit.address).toContain('code=');
  });
});
