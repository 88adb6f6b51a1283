import * as client from 'openid-client';
import { calculateJwkThumbprint, decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { CryptoKey, JWK } from 'jose';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { serviceWith } from '../support/actors.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';

const LOGIN = 'ada@example.com';
type Profile = 'fapi2' | 'fapi2_message_signing';

describe('FAPI 2.0', () => {
  let test: TestApp;
  let privateKey: CryptoKey;
  let jwk: JWK;
  beforeAll(async () => {
    test = await startApp();
    const pair = await generateKeyPair('PS256', { extractable: true });
    ({ privateKey } = pair);
    const exported = await exportJWK(pair.publicKey);
    jwk = { ...exported, alg: 'PS256', use: 'sig', kid: await calculateJwkThumbprint(exported) };
    await giveUser(test, LOGIN);
  });
  afterAll(() => test.tearDown());

  const give = (profile: Profile, more: object = {}) =>
    giveApplication(test, {
      protocol: {
        security_profile: profile,
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk as never] },
        ...(profile === 'fapi2_message_signing' ? { request_object_signing_alg: 'PS256' } : {}),
        ...more,
      },
    });

  const configure = async (id: string) => {
    const config = await client.discovery(
      new URL(test.issuer),
      id,
      {
        dpop_bound_access_tokens: true,
        id_token_signed_response_alg: 'PS256',
        authorization_signed_response_alg: 'PS256',
      },
      // openid-client sends the issuer as a string in `aud`, as FAPI 2.0 wants it.
      client.PrivateKeyJwt({ key: privateKey, kid: jwk.kid! }),
      { execute: [client.allowInsecureRequests] },
    );
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
    return { config, DPoP };
  };

  async function signIn(address: URL): Promise<URL> {
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(address.href);
    return new URL((await browser.press(page, 'login-submit', { login: LOGIN, password: PASSWORD })).address);
  }

  const parametersFor = async (verifier: string) => ({
    redirect_uri: REDIRECT_URI,
    scope: 'openid',
    nonce: 'n-1',
    state: 's-1',
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
  });

  it('signs a user in with a pushed request, a key, PKCE and DPoP', async () => {
    const { id } = await give('fapi2');
    const { config, DPoP } = await configure(id);
    const verifier = client.randomPKCECodeVerifier();
    const address = await client.buildAuthorizationUrlWithPAR(config, await parametersFor(verifier), { DPoP });
    const back = await signIn(address);
    const checks = { pkceCodeVerifier: verifier, expectedNonce: 'n-1', expectedState: 's-1' };
    const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP });
    expect(tokens.token_type).toBe('dpop');
    expect(decodeProtectedHeader(tokens.id_token!).alg).toBe('PS256');
    const userinfo = await client.fetchUserInfo(config, tokens.access_token, tokens.claims()!.sub, { DPoP });
    expect(userinfo.sub).toBe(tokens.claims()!.sub);
    const asBearer = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect(asBearer.status).toBe(401);
  });

  it('signs request and response too, for message signing', async () => {
    const { id } = await give('fapi2_message_signing');
    const { config, DPoP } = await configure(id);
    client.useJwtResponseMode(config);
    const verifier = client.randomPKCECodeVerifier();
    const parameters = { ...(await parametersFor(verifier)), response_mode: 'jwt' };
    const signed = await client.buildAuthorizationUrlWithJAR(config, parameters, { key: privateKey, kid: jwk.kid! });
    const address = await client.buildAuthorizationUrlWithPAR(config, signed.searchParams, { DPoP });
    const back = await signIn(address);
    expect(back.searchParams.has('code')).toBe(false);
    expect(decodeJwt(back.searchParams.get('response')!)).toMatchObject({ iss: test.issuer, aud: id });
    const checks = { pkceCodeVerifier: verifier, expectedNonce: 'n-1', expectedState: 's-1' };
    const tokens = await client.authorizationCodeGrant(config, back, checks, undefined, { DPoP });
    expect(tokens.claims()).toMatchObject({ aud: id });

    const unsigned = client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
    await expect(unsigned).rejects.toMatchObject({ error: 'invalid_request' });
  });

  describe('refuses', () => {
    const assertionFor = async (id: string, claims: Record<string, unknown> = {}) =>
      new SignJWT({ aud: test.issuer, jti: crypto.randomUUID(), ...claims })
        .setProtectedHeader({ alg: 'PS256', kid: jwk.kid! })
        .setIssuer(id)
        .setSubject(id)
        .setIssuedAt()
        .setExpirationTime('1m')
        .sign(privateKey);
    const push = async (id: string, parameters: Record<string, string>, claims?: Record<string, unknown>) => {
      const reply = await test.http
        .post('/request')
        .type('form')
        .send({
          client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          client_assertion: await assertionFor(id, claims),
          client_id: id,
          response_type: 'code',
          ...parameters,
        });
      return reply.status === 201 ? 'accepted' : (reply.body as { error: string }).error;
    };

    it('a request that was not pushed', async () => {
      const { id } = await give('fapi2');
      const query = { client_id: id, response_type: 'code', ...(await parametersFor(client.randomPKCECodeVerifier())) };
      const reply = await test.http.get('/auth').query(query);
      expect(reply.headers['location']).toContain('error=invalid_request');
    });

    it('one without redirect_uri, without PKCE, or with an assertion for another audience', async () => {
      const { id } = await give('fapi2');
      const { redirect_uri, ...withoutUri } = await parametersFor(client.randomPKCECodeVerifier());
      const {
        code_challenge: _challenge,
        code_challenge_method: _method,
        ...withoutPkce
      } = { redirect_uri, ...withoutUri };
      expect(await push(id, { redirect_uri, ...withoutUri })).toBe('accepted');
      expect(await push(id, withoutUri)).toBe('invalid_request');
      expect(await push(id, withoutPkce)).toBe('invalid_request');
      for (const aud of [[test.issuer], `${test.issuer}/token`, `${test.issuer}/`])
        expect(await push(id, { redirect_uri, ...withoutUri }, { aud })).toBe('invalid_client');
    });

    it('a request object that lives for more than an hour, or has no nbf', async () => {
      const { id } = await give('fapi2_message_signing');
      const object = async (nbf: number | undefined, exp: number) =>
        new SignJWT({
          ...(await parametersFor(client.randomPKCECodeVerifier())),
          client_id: id,
          response_type: 'code',
          response_mode: 'jwt',
        })
          .setProtectedHeader({ alg: 'PS256', kid: jwk.kid! })
          .setIssuer(id)
          .setAudience(test.issuer)
          .setExpirationTime(exp)
          .setNotBefore(nbf ?? 0)
          .sign(privateKey);
      const now = Math.floor(Date.now() / 1000);
      const send = async (nbf: number | undefined, exp: number) => push(id, { request: await object(nbf, exp) });
      expect(await send(now, now + 3600)).toBe('accepted');
      expect(await send(now, now + 3700)).toBe('invalid_request_object');
      expect(await send(now - 3700, now + 60)).toBe('invalid_request_object');
      expect(await send(undefined, now + 60)).toBe('invalid_request_object');
    });

    it.each([
      [{ token_endpoint_auth_method: 'client_secret_basic' }, '#/token_endpoint_auth_method'],
      [{ id_token_signed_response_alg: 'RS256' }, '#/id_token_signed_response_alg'],
      [{ response_types: ['code', 'id_token'] }, '#/response_types'],
      [{ security_profile: 'fapi1' }, '#/security_profile'],
    ])('settings that contradict it: %j', async (fields, pointer) => {
      const { call } = await serviceWith(test, ['applications:write']);
      const body = {
        name: 'Bank',
        redirect_uris: [REDIRECT_URI],
        security_profile: 'fapi2',
        token_endpoint_auth_method: 'private_key_jwt',
        jwks: { keys: [jwk] },
        ...fields,
      };
      const reply = await call({ name: 'post /v1/applications', body });
      const { errors } = reply.body as { errors: { pointer: string }[] };
      expect([reply.status, errors[0]!.pointer]).toEqual([400, pointer]);
    });
  });

  it('sets what it demands, and lets go of it', async () => {
    const { call } = await serviceWith(test, ['applications:read', 'applications:write']);
    const { id } = await give('fapi2_message_signing');
    const params = { client_id: id };
    const shown = await call({ name: 'get /v1/applications/{client_id}', params });
    expect(shown.body).toMatchObject({
      result: {
        dpop_bound_access_tokens: true,
        require_pushed_authorization_requests: true,
        require_signed_request_object: true,
        id_token_signed_response_alg: 'PS256',
        authorization_signed_response_alg: 'PS256',
      },
    });
    const body = {
      security_profile: null,
      require_pushed_authorization_requests: false,
      require_signed_request_object: false,
    };
    expect((await call({ name: 'patch /v1/applications/{client_id}', params, body })).status).toBe(200);
    const { metadata } = await test.app.applications.get(id);
    expect(metadata).not.toHaveProperty('response_modes');
  });
});
