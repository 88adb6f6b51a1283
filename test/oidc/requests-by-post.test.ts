import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { relyingParty } from '../support/relying-party.ts';

const KIB = 1024;
const HOUR = 3600_000;
const long = (bytes: number) => 'x'.repeat(bytes);

describe('a request by POST', () => {
  let test: TestApp;
  let offset = 0;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const ada = await giveUser(test, 'ada@example.com');
    await giveManyGroups(test, { count: 200, userIds: [ada.id], name: `Crew ${'of a long name '.repeat(2)}` });
    const policy = { limit: 1000, limit_bytes: 32_768 };
    const token = await adminToken(test);
    await test.http
      .put(`/v1/applications/${application.id}/claim-policy`)
      .set('authorization', `Bearer ${token}`)
      .send(policy);
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const post = (path: string, fields: Record<string, string>) => test.http.post(path).type('form').send(fields);

  const parameters = (more: Record<string, string>) => ({
    client_id: application.id,
    response_type: 'code',
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    ...more,
  });

  /** Posts it as a form of the application does, and signs in. Where that leads. */
  async function signInByPost(fields: Record<string, string>): Promise<URL> {
    const { headers } = await post('/auth', fields);
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(new URL(headers['location']!, test.issuer).href);
    const { address } = await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    return new URL(address);
  }

  it.each<[string, Record<string, string>]>([
    ['of usual length', { state: 'short' }],
    ['with a long state', { state: long(10 * KIB) }],
    ['with long claims', { state: 's', claims: JSON.stringify({ userinfo: { name: { value: long(30 * KIB) } } }) }],
  ])('that signs a user in: one %s', async (_what, more) => {
    const end = await signInByPost(parameters(more));
    expect(end.searchParams.get('code')).toBeTruthy();
    expect(end.searchParams.get('state')).toBe(more['state']);
  });

  it('may hold a long request object', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const metadata = { jwks: { keys: [{ ...(await exportJWK(publicKey)), alg: 'ES256', kid: 'a' }] } };
    const { id } = application;
    await test.app.applications.register({
      client_id: id,
      ...(await test.app.applications.get(id)).metadata,
      client_name: 'Flight plans',
      client_secret: application.secret,
      ...metadata,
    });
    const request = await new SignJWT(parameters({ state: long(10 * KIB) }))
      .setProtectedHeader({ alg: 'ES256', kid: 'a' })
      .setIssuer(id)
      .setAudience(test.issuer)
      .setExpirationTime('5 min')
      .sign(privateKey);
    const end = await signInByPost({ client_id: id, scope: 'openid', response_type: 'code', request });
    expect(end.searchParams.get('state')).toHaveLength(10 * KIB);
  });

  it('goes on at a short URL, which stays good when it is opened again, and not for ever', async () => {
    const reply = await post('/auth', parameters({ state: long(20 * KIB) }));
    expect(reply.status).toBe(303);
    const address = reply.headers['location']!;
    expect(address).toMatch(/^\/auth\?posted_request=[\w-]{43}$/);
    for (const _again of [1, 2]) {
      const { status, headers } = await test.http.get(address);
      expect([status, headers['location']]).toEqual([303, expect.stringMatching(/^\/interaction\//)]);
    }
    // Only where it was sent to.
    const elsewhere = await test.http.get(address.replace('/auth', '/session/end'));
    expect([elsewhere.status, elsewhere.text]).toEqual([400, expect.stringContaining('request_expired')]);
    offset = 2 * HOUR;
    const expired = await test.http.get(address).set('accept-language', 'de');
    expect([expired.status, expired.text]).toEqual([400, expect.stringContaining('Diese Seite ist abgelaufen')]);
  });

  it('is refused with a page when it is too large or no form', async () => {
    const large = await post('/auth', parameters({ state: long(65 * KIB) }));
    expect([large.status, large.text]).toEqual([413, expect.stringContaining('Too much data')]);
    const json = await test.http.post('/session/end').send({ client_id: 'x' });
    expect([json.status, json.type]).toEqual([415, 'text/html']);
  });

  it.each(['GET', 'POST'])('to sign out by %s works with an ID token of many groups', async (method) => {
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI, 'https://app.example.com/'] });
    const { tokens, idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid groups', browser });
    expect(tokens.id_token!.length).toBeGreaterThan(12_000);
    expect(idToken['groups']).toHaveLength(200);
    const fields = {
      id_token_hint: tokens.id_token!,
      post_logout_redirect_uri: 'https://app.example.com/',
      state: 'abc',
    };
    const address = `/session/end?${new URLSearchParams(fields).toString()}`;
    const start = method === 'GET' ? address : (await post('/session/end', fields)).headers['location']!;
    const page = await browser.open(new URL(start, test.issuer).href);
    expect([page.status, page.html]).toEqual([200, expect.stringContaining('logout-yes')]);
    const end = await browser.press(page, 'logout-yes');
    expect(end.address).toBe('https://app.example.com/?state=abc');
    const silent = await party.authorize({ login: '', browser, parameters: { prompt: 'none' } });
    expect(silent.visit.address).toContain('error=login_required');
  });
});
