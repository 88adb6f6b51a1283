import { decodeJwt, exportJWK, generateKeyPair } from 'jose';
import * as client from 'openid-client';
import { adminToken, giveApplication, giveGroup, giveRole, giveUser, startApp, type TestApp } from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { relyingParty } from '../support/relying-party.ts';
import { serviceWith } from '../support/actors.ts';

const API = 'https://api.example.com';
const SCOPE = 'openid profile email groups roles';
/** Claims of one sign-in, and times that the clock changes. */
const OF_SIGN_IN = ['iat', 'exp', 'nonce', 'jti', 'at_hash', 'acr', 'amr', 'auth_time', 'sid'];

type Claims = Record<string, unknown>;
type Preview = Record<'id_token' | 'userinfo' | 'introspection', Claims> & {
  scopes: string[];
  scopes_from: string;
  refusal: { reason: string } | null;
  access_token: { format: string; expires_at: number; claims: Claims | null };
  sizes: Record<string, number> & { claims: Record<string, number> };
  warnings: string[];
};

/** Without what differs from sign-in to sign-in. */
const lasting = (claims: Claims): Claims =>
  Object.fromEntries(
    Object.entries(claims)
      .filter(([name]) => !OF_SIGN_IN.includes(name))
      .map(([name, value]) => [name, name === '_claim_sources' ? Object.keys(value as object) : value]),
  );

describe('the preview of claims', () => {
  let test: TestApp;
  let token: string;

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: API } });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'put' | 'post', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);

  async function preview(clientId: string, userId: string, query: Record<string, string> = {}): Promise<Preview> {
    const reply = await call('get', `/v1/applications/${clientId}/claims/${userId}`).query(query);
    expect([reply.status, reply.body.code]).toEqual([200, undefined]);
    return reply.body.result as Preview;
  }

  async function tokensOf(application: { id: string; secret: string }, login: string, resource?: string) {
    const party = await relyingParty(test, application);
    const parameters: Record<string, string> = resource ? { resource } : {};
    const request = await party.authorize({ login, scope: SCOPE, parameters });
    const checks = {
      pkceCodeVerifier: request.verifier,
      expectedState: request.state,
      expectedNonce: request.nonce,
    };
    const tokens = await client.authorizationCodeGrant(
      party.config,
      new URL(request.visit.address),
      checks,
      parameters,
    );
    return { party, tokens, idToken: tokens.id_token!, accessToken: tokens.access_token };
  }

  /** What the application really gets, in a code flow, at userinfo and at introspection. */
  async function received(application: { id: string; secret: string }, login: string) {
    const { party, tokens, idToken, accessToken } = await tokensOf(application, login);
    const userinfo = await test.http.get('/me').set('authorization', `Bearer ${accessToken}`);
    const introspection = await client.tokenIntrospection(party.config, accessToken);
    const forApi = await tokensOf(application, login, API);
    return {
      idToken,
      accessToken,
      userinfo: userinfo.type.includes('jwt') ? userinfo.text : userinfo.body,
      introspection: introspection as Claims,
      forApi,
      expiresIn: tokens.expires_in!,
    };
  }

  it.each<[string, object, object]>([
    ['with the default policy', {}, {}],
    ['of paths under a name of its own', { format: 'path', claim: 'https://app.example.com/groups' }, {}],
    ['of direct groups in some places only', { direct_only: true, tokens: ['userinfo', 'access_token'] }, {}],
    ['of more groups than a token lists', { limit: 1 }, {}],
    ['with claims of other scopes in the ID token', { id_token_scopes: ['profile', 'email'] }, {}],
    ['of a pairwise application', {}, { subject_type: 'pairwise' }],
    ['of an application that wants signed userinfo', {}, { userinfo_signed_response_alg: 'RS256' }],
    ['of an application with back-channel logout', {}, { backchannel_logout_uri: 'https://app.example.com/logout' }],
  ])('says what a sign-in, userinfo and introspection say: %s', async (what, policy, protocol) => {
    const login = `ada-${what.length}@example.com`;
    const ada = await giveUser(test, login, { firstName: 'Ada', lastName: 'Lovelace' });
    const crew = await giveGroup(test, `Crew ${what}`, [], [(await giveRole(test, `role ${what}`)).id]);
    const pilots = await giveGroup(test, `Pilots ${what}`, [], [], { parent_id: crew.id });
    const until = Math.floor(Date.now() / 1000) + 200;
    await call('post', `/v1/groups/${pilots.id}/members`, { user_ids: [ada.id], until });
    await giveGroup(test, `Staff ${what}`, [ada.id]);
    const application = await giveApplication(test, { protocol });
    expect((await call('put', `/v1/applications/${application.id}/claim-policy`, policy)).status).toBe(200);

    const real = await received(application, login);
    const seen = await preview(application.id, ada.id);
    expect(seen.scopes.join(' ')).toBe(SCOPE);
    expect(seen.refusal).toBeNull();
    const realIdToken = decodeJwt(real.idToken);
    expect(lasting(seen.id_token)).toEqual(lasting(realIdToken));
    const userinfo = typeof real.userinfo === 'string' ? decodeJwt(real.userinfo) : real.userinfo;
    // A sign-in is noted in the profile.
    expect(lasting(seen.userinfo)).toEqual({ ...lasting(userinfo), updated_at: expect.any(Number) });
    expect(lasting(seen.introspection)).toEqual(lasting(real.introspection));
    expect(seen.access_token).toMatchObject({ format: 'opaque', claims: null });
    for (const [foreseen, exp] of [
      [seen.id_token['exp'], realIdToken.exp],
      [seen.introspection['exp'], real.introspection['exp']],
      [seen.access_token.expires_at, Math.floor(Date.now() / 1000) + real.expiresIn],
    ])
      expect(Math.abs(Number(foreseen) - Number(exp))).toBeLessThanOrEqual(10);
    expect(Math.abs(seen.sizes['id_token']! - real.idToken.length)).toBeLessThanOrEqual(20);
    expect(Math.abs(seen.sizes['access_token']! - real.accessToken.length)).toBeLessThanOrEqual(20);

    const jwt = await preview(application.id, ada.id, { resource: API });
    expect(jwt.access_token.format).toBe('jwt');
    expect(lasting(jwt.access_token.claims!)).toEqual(lasting(decodeJwt(real.forApi.accessToken)));
    expect(lasting(jwt.id_token)).toEqual({
      ...lasting(decodeJwt(real.forApi.idToken)),
      ...(jwt.id_token['updated_at'] ? { updated_at: expect.any(Number) } : {}),
    });
    expect(Math.abs(jwt.sizes['access_token']! - real.forApi.accessToken.length)).toBeLessThanOrEqual(20);
    expect(JSON.stringify([seen, jwt])).not.toMatch(/cohort_at_|eyJ/);
  });

  it('needs no proof of the application, whatever the real one needs', async () => {
    const kim = await giveUser(test, 'kim@example.com');
    const { publicKey } = await generateKeyPair('PS256', { extractable: true });
    const jwk = { ...(await exportJWK(publicKey)), alg: 'PS256', use: 'sig', kid: 'one' };
    const byKey = { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: { keys: [jwk as never] } };
    const applications = [
      await giveApplication(test, { type: 'spa' }),
      await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' }),
      await giveApplication(test, { protocol: byKey }),
      await giveApplication(test, { protocol: { ...byKey, security_profile: 'fapi2' } }),
    ];
    for (const { id } of applications)
      expect(await preview(id, kim.id)).toMatchObject({ refusal: null, id_token: { aud: id, groups: [] } });
  });

  it('ends with the membership that ends first', async () => {
    const kay = await giveUser(test, 'kay@example.com');
    const { id } = await giveGroup(test, 'Interns');
    const until = Math.floor(Date.now() / 1000) + 100;
    await call('post', `/v1/groups/${id}/members`, { user_ids: [kay.id], until });
    const application = await giveApplication(test);
    const { id_token: idToken, access_token: accessToken, introspection } = await preview(application.id, kay.id);
    for (const end of [idToken['exp'], accessToken.expires_at, introspection['exp']])
      expect([until - 1, until, until + 1]).toContain(end);
  });

  it('is of the scopes that were granted, or asked for', async () => {
    const jean = await giveUser(test, 'jean@example.com');
    const application = await giveApplication(test);
    expect(await preview(application.id, jean.id)).toMatchObject({ scopes_from: 'all', scopes: SCOPE.split(' ') });
    await (await relyingParty(test, application)).signIn({ login: 'jean@example.com', scope: 'openid email' });
    const granted = await preview(application.id, jean.id);
    expect(granted).toMatchObject({ scopes_from: 'granted', scopes: ['openid', 'email'] });
    expect(granted.id_token).not.toHaveProperty('groups');
    const requested = await preview(application.id, jean.id, { scope: 'groups' });
    expect(requested).toMatchObject({ scopes_from: 'requested', scopes: ['openid', 'groups'] });
    expect(requested.id_token['groups']).toEqual([]);
  });

  it('shows no tokens where none would be issued', async () => {
    const mary = await giveUser(test, 'mary@example.com');
    const application = await giveApplication(test);
    await call('put', `/v1/applications/${application.id}/access`, { access: 'groups', group_ids: [] });
    expect(await preview(application.id, mary.id)).toMatchObject({
      refusal: { reason: 'no_access' },
      id_token: null,
      access_token: null,
      userinfo: null,
      introspection: null,
    });
    await call('post', `/v1/users/${mary.id}/disable`);
    expect((await preview(application.id, mary.id)).refusal).toMatchObject({ reason: 'user_disabled' });
  });

  it('writes nothing', async () => {
    const user = await giveUser(test, 'grace@example.com');
    const application = await giveApplication(test);
    const contents = async () => {
      const collections = await test.app.database.connection.listCollections();
      const names = collections.map(({ name }) => name).filter((name) => name.startsWith('oidc_'));
      const count = (name: string) => test.app.database.connection.collection(name).countDocuments();
      return Promise.all(names.sort().map(async (name) => [name, await count(name)]));
    };
    const before = await contents();
    await preview(application.id, user.id, { resource: API });
    expect(await contents()).toEqual(before);
  });

  it('warns of tokens above 4 and 8 KiB', async () => {
    const { id } = await giveUser(test, 'many@example.com');
    await giveManyGroups(test, { count: 150, name: 'A group whose name has some forty letters', userIds: [id] });
    const application = await giveApplication(test);
    const warningsWith = async (policy: object) => {
      await call('put', `/v1/applications/${application.id}/claim-policy`, policy);
      return (await preview(application.id, id)).warnings;
    };
    expect(await warningsWith({})).toEqual(['distributed_claim']);
    expect(await warningsWith({ limit_bytes: 32_768, tokens: ['id_token'] })).toEqual([
      'larger_than_cookie',
      'larger_than_headers',
    ]);
    expect(await warningsWith({ prefix: 'Another' })).toEqual([]);
  });

  it('needs the scopes for users and groups too', async () => {
    const { id: userId } = await giveUser(test, 'hedy@example.com');
    const { id } = await giveApplication(test);
    const name = 'get /v1/applications/{client_id}/claims/{user_id}';
    for (const scopes of [
      ['applications:read', 'users:read'],
      ['applications:read', 'groups:read'],
    ]) {
      const { status, code } = await (
        await serviceWith(test, scopes)
      ).call({ name, params: { client_id: id, user_id: userId } });
      expect([status, code]).toEqual([403, 'insufficient_scope']);
    }
  });

  it('is the same from the side of the user', async () => {
    const { id: userId } = await giveUser(test, 'side@example.com');
    const { id } = await giveApplication(test);
    const get = async (path: string) =>
      (await test.http.get(path).set('authorization', `Bearer ${token}`).expect(200)).body.result as {
        scopes: string[];
      };
    const seen = await get(`/v1/users/${userId}/claims?application_id=${id}`);
    expect(Object.keys(seen)).toEqual(Object.keys(await get(`/v1/applications/${id}/claims/${userId}`)));
    expect(seen.scopes).toContain('groups');
  });
});
