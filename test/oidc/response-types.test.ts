import { createHash } from 'node:crypto';
import { createRemoteJWKSet, decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const ALL = 'code,id_token,code id_token,id_token token,code token,code id_token token';
const LOGIN = 'ada@example.com';

describe('response types', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESPONSE_TYPES: ALL } });
    const { id } = await giveUser(test, LOGIN);
    await giveGroup(test, 'Pilots', [id]);
  });
  afterAll(() => test.tearDown());

  /** What the application gets in the address to which the user returns. */
  async function authorize(clientId: string, response_type: string, more: Record<string, string> = {}) {
    const query = { client_id: clientId, response_type, redirect_uri: REDIRECT_URI, nonce: 'n-1', state: 's-1' };
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const parameters = new URLSearchParams({ scope: 'openid groups', ...query, ...more });
    let visit = await browser.open(`${test.issuer}/auth?${parameters.toString()}`);
    if (visit.html.includes('login-submit'))
      visit = await browser.press(visit, 'login-submit', { login: LOGIN, password: PASSWORD });
    const { hash, searchParams } = new URL(visit.address);
    return { visit, reply: hash ? new URLSearchParams(hash.slice(1)) : searchParams };
  }

  it.each(ALL.split(',').slice(1))('are allowed for one application: %s', async (response_type) => {
    const types = [response_type] as never[];
    const { id } = await giveApplication(test, { protocol: { response_types: types } });
    const { reply } = await authorize(id, response_type);
    expect(reply.get('error')).toBeNull();
    const parts = response_type.split(' ');
    for (const part of parts) expect(reply.has(part === 'token' ? 'access_token' : part)).toBe(true);
    const idToken = reply.get('id_token');
    if (!idToken) return;
    const { payload } = await jwtVerify(idToken, createRemoteJWKSet(new URL(`${test.issuer}/jwks`)), {
      issuer: test.issuer,
      audience: id,
    });
    expect(payload).toMatchObject({ nonce: 'n-1', groups: ['Pilots'] });
    const half = (text: string) => createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url');
    if (parts.includes('token')) expect(payload['at_hash']).toBe(half(reply.get('access_token')!));
    if (parts.includes('code')) expect(payload['c_hash']).toBe(half(reply.get('code')!));
  });

  it('come back in a form, as ASP.NET wants it', async () => {
    const { id } = await giveApplication(test, { protocol: { response_types: ['id_token'] } });
    const { visit } = await authorize(id, 'id_token', { response_mode: 'form_post' });
    expect(visit.html).toContain(`action="${REDIRECT_URI}"`);
    const [, idToken = ''] = /name="id_token" value="([^"]+)"/.exec(visit.html) ?? [];
    expect(decodeJwt(idToken)).toMatchObject({ aud: id, groups: ['Pilots'] });
  });

  it('are only code unless an application is allowed others', async () => {
    const { id } = await giveApplication(test);
    const { reply } = await authorize(id, 'id_token');
    expect(reply.get('error_description')).toBe('requested response_type is not allowed for this client');
  });

  it('are in the discovery document as the operator allows them', async () => {
    const of = async ({ http }: TestApp) =>
      ((await http.get('/.well-known/openid-configuration')).body as Record<string, string[]>)[
        'response_types_supported'
      ]!;
    expect(await of(test)).toEqual(expect.arrayContaining(ALL.split(',')));
    const plain = await startApp();
    expect((await of(plain)).sort()).toEqual(['code', 'none']);
    await plain.tearDown();
  });

  it('of an application that names no resource give a token for userinfo', async () => {
    const { id } = await giveApplication(test, { protocol: { response_types: ['id_token token'] } });
    const { reply } = await authorize(id, 'id_token token');
    const userinfo = await test.http.get('/me').set('authorization', `Bearer ${reply.get('access_token')}`);
    expect(userinfo.body).toMatchObject({ groups: ['Pilots'] });
  });
});

describe('what an application may have signed and named otherwise', () => {
  let test: TestApp;
  let userId: string;
  beforeAll(async () => {
    test = await startApp();
    ({ id: userId } = await giveUser(test, LOGIN));
    await giveGroup(test, 'Pilots', [userId]);
  });
  afterAll(() => test.tearDown());

  it.each(['RS256', 'PS256', 'ES256'] as const)('ID tokens and userinfo with %s', async (algorithm) => {
    const protocol = { id_token_signed_response_alg: algorithm, userinfo_signed_response_alg: algorithm };
    const application = await giveApplication(test, { protocol });
    const party = await relyingParty(test, application);
    const { tokens } = await party.signIn({ login: LOGIN, scope: 'openid groups' });
    expect(decodeProtectedHeader(tokens.id_token!).alg).toBe(algorithm);
    const reply = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect(reply.headers['content-type']).toContain('application/jwt');
    const { payload, protectedHeader } = await jwtVerify(
      reply.text,
      createRemoteJWKSet(new URL(`${test.issuer}/jwks`)),
      { issuer: test.issuer, audience: application.id },
    );
    expect([protectedHeader.alg, payload.sub, payload['groups']]).toEqual([algorithm, userId, ['Pilots']]);
  });

  it('a subject of its own sector, the same in ID token, userinfo and introspection', async () => {
    const subjectOf = async (redirectUri: string) => {
      const application = await giveApplication(test, { redirectUri, protocol: { subject_type: 'pairwise' } });
      const party = await relyingParty(test, application);
      const { tokens, idToken } = await party.signIn({ login: LOGIN, scope: 'openid groups', redirectUri });
      const userinfo = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
      const introspection = await test.http
        .post('/token/introspection')
        .auth(application.id, application.secret)
        .type('form')
        .send({ token: tokens.access_token });
      expect([userinfo.body.sub, introspection.body.sub]).toEqual([idToken.sub, idToken.sub]);
      return idToken.sub;
    };
    const one = await subjectOf('https://app.example.com/callback');
    const same = await subjectOf('https://app.example.com/other');
    const other = await subjectOf('https://app.example.org/callback');
    expect(one).toBe(same);
    expect(new Set([one, other, userId]).size).toBe(3);
  });
});
