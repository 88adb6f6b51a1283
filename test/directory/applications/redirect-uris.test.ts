import { adminToken, giveUser, PASSWORD, startApp, type TestApp } from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe.each([
  ['off', 400],
  ['on', 201],
])('a redirect URI with COHORT_ALLOW_PRIVATE_HTTP_REDIRECT_URIS=%s', (setting, status) => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_ALLOW_PRIVATE_HTTP_REDIRECT_URIS: setting } });
    token = await adminToken(test);
    await giveUser(test, 'ada@example.com');
  });
  afterAll(() => test.tearDown());

  const create = (uri: string, type = 'web') =>
    test.http
      .post('/v1/applications')
      .set('authorization', `Bearer ${token}`)
      .send({ name: 'Nas', type, redirect_uris: [uri] });

  it.each(['http://10.1.2.3/cb', 'http://172.31.0.1:8080/cb', 'http://192.168.1.20/cb', 'http://[fd12:3456::1]/cb'])(
    '%s is taken only as the operator says',
    async (uri) => {
      const reply = await create(uri);
      expect(reply.status).toBe(status);
      const detail = expect.stringContaining('COHORT_ALLOW_PRIVATE_HTTP_REDIRECT_URIS');
      if (status === 400) expect(reply.body.errors).toEqual([{ pointer: '#/redirect_uris/0', detail }]);
      // The library takes none for these.
      expect((await create(uri, 'native')).status).toBe(400);
    },
  );

  it.each(['http://172.32.0.1/cb', 'http://11.0.0.1/cb', 'http://[2001:db8::1]/cb', 'http://nas.lan/cb'])(
    '%s never uses http',
    async (uri) => expect((await create(uri)).status).toBe(400),
  );

  it.each(['web', 'spa', 'native'])('on *.localhost may use http, and signs users in: %s', async (type) => {
    const redirectUri = 'http://app.localhost:8080/callback';
    const { status: created, body } = await create(redirectUri, type);
    expect(created).toBe(201);
    const { client_id: id, client_secret: secret } = body.result as { client_id: string; client_secret: string | null };
    const party = await relyingParty(test, { id, secret: secret ?? '' });
    const login = { login: 'ada@example.com', password: PASSWORD, redirectUri };
    expect((await party.signIn(login)).idToken.sub).toBeTruthy();
  });
});
