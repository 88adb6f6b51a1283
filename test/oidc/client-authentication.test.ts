import { X509Certificate } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as client from 'openid-client';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import { giveApplication, giveUser, PASSWORD, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { serviceWith, type Caller } from '../support/actors.ts';
import { makeCertificate } from '../support/certificate.ts';
import { relyingParty } from '../support/relying-party.ts';

const LOGIN = 'ada@example.com';

interface KeyPair {
  privateKey: CryptoKey;
  jwk: JWK;
}

async function makeKeyPair(alg: string): Promise<KeyPair> {
  const { privateKey, publicKey } = await generateKeyPair(alg);
  const jwk = await exportJWK(publicKey);
  return { privateKey, jwk: { ...jwk, alg, use: 'sig', kid: await calculateJwkThumbprint(jwk) } };
}

describe('an application proves who it is', () => {
  let test: TestApp;
  let api: Caller;
  let keys: KeyPair;
  beforeAll(async () => {
    test = await startApp({
      settings: {
        COHORT_TRUSTED_PROXIES: '1',
        COHORT_CLIENT_CERTIFICATE_HEADER: 'X-SSL-Client-Cert',
        COHORT_CLIENT_CERTIFICATE_VERIFIED_HEADER: 'X-SSL-Client-Verify',
      },
    });
    api = await serviceWith(test, ['applications:read', 'applications:write']);
    keys = await makeKeyPair('ES256');
    await giveUser(test, LOGIN);
  });
  afterAll(() => test.tearDown());

  /** A call of the admin API: `post /v1/applications`. */
  const call = (name: string, body?: object) => {
    const [path = '', search = ''] = name.split('?');
    return api.call({ name: path, ...(body ? { body } : {}), query: Object.fromEntries(new URLSearchParams(search)) });
  };
  const signsIn = async (id: string, authentication: client.ClientAuth) => {
    const party = await relyingParty(test, { id, secret: '' }, authentication);
    return (await party.signIn({ login: LOGIN })).tokens.access_token.length > 0;
  };

  describe('with a key (RFC 7523)', () => {
    it('that is registered with it', async () => {
      const protocol = { token_endpoint_auth_method: 'private_key_jwt' as const, jwks: { keys: [keys.jwk as never] } };
      const { id, secret } = await giveApplication(test, { protocol });
      expect(secret).toBe('');
      expect(await signsIn(id, client.PrivateKeyJwt({ key: keys.privateKey, kid: keys.jwk.kid! }))).toBe(true);
      const { privateKey } = await makeKeyPair('ES256');
      await expect(signsIn(id, client.PrivateKeyJwt({ key: privateKey, kid: keys.jwk.kid! }))).rejects.toThrow();
    });

    it('that Cohort fetches', async () => {
      const server = createServer((_req, res) => res.end(JSON.stringify({ keys: [keys.jwk] }))).listen(0, '127.0.0.1');
      await new Promise((listening) => server.once('listening', listening));
      const jwks_uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
      const protocol = { token_endpoint_auth_method: 'private_key_jwt' as const, jwks_uri };
      const { id } = await giveApplication(test, { protocol });
      expect(await signsIn(id, client.PrivateKeyJwt(keys.privateKey))).toBe(true);
      server.close();
    });

    it.each([
      [{ token_endpoint_auth_method: 'private_key_jwt' }, '#/'],
      [{ token_endpoint_auth_method: 'none' }, '#/token_endpoint_auth_method'],
      [{ jwks: { keys: [{ kty: 'EC', d: 'x' }] } }, '#/jwks/keys/0/d'],
      [{ jwks: { keys: [] } }, '#/jwks/keys'],
      [{ jwks_uri: 'file:///etc/passwd' }, '#/jwks_uri'],
      [{ token_endpoint_auth_method: 'tls_client_auth' }, '#'],
      [{ id_token_signed_response_alg: 'EdDSA' }, '#/id_token_signed_response_alg'],
      [{ response_types: ['id_token'] }, '#/response_types'],
      [{ subject_type: 'pairwise', sector_identifier_uri: 'http://x.example' }, '#/sector_identifier_uri'],
    ])('and is refused with what cannot work: %j', async (fields, pointer) => {
      const { body, status } = await call('post /v1/applications', {
        name: 'Broken',
        redirect_uris: ['https://app.example.com/callback'],
        ...fields,
      });
      expect([status, (body as { errors: { pointer: string }[] }).errors[0]!.pointer]).toEqual([
        400,
        expect.stringMatching(new RegExp(`^${pointer}`)),
      ]);
    });
  });

  it('in another way after a change, and gets a secret that nobody knows until it is rotated', async () => {
    const { id, secret } = await giveApplication(test);
    const path = `/v1/applications/${id}`;
    const toKey = { token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [keys.jwk] } };
    expect((await call(`patch ${path}`, toKey)).status).toBe(200);
    await expect(signsIn(id, client.ClientSecretBasic(secret))).rejects.toThrow();
    expect((await call(`post ${path}/secret`)).status).toBe(409);
    const back = await call(`patch ${path}`, { token_endpoint_auth_method: null, jwks: null });
    expect(back.body).toMatchObject({ result: { token_endpoint_auth_method: 'client_secret_basic', jwks: null } });
    await expect(signsIn(id, client.ClientSecretBasic(secret))).rejects.toThrow();
    const { body } = await call(`post ${path}/secret`);
    const fresh = (body as { result: { client_secret: string } }).result.client_secret;
    expect(await signsIn(id, client.ClientSecretBasic(fresh))).toBe(true);
  });

  it('with either secret while one is replaced, and with the new one alone afterwards', async () => {
    const { id, secret: old } = await giveApplication(test);
    const rotate = async (query = '') => {
      const { body } = await call(`post /v1/applications/${id}/secret${query}`);
      return (body as { result: { client_secret: string; previous_secret_expires_at: number | null } }).result;
    };
    const { client_secret: second, previous_secret_expires_at: until } = await rotate('?previous_valid_seconds=3600');
    expect(until).toBeGreaterThan(Date.now() / 1000 + 3500);
    for (const secret of [old, second]) expect(await signsIn(id, client.ClientSecretBasic(secret))).toBe(true);
    await expect(signsIn(id, client.ClientSecretBasic('wrong'))).rejects.toThrow();

    const { client_secret: third, previous_secret_expires_at: none } = await rotate();
    expect(none).toBeNull();
    for (const secret of [old, second]) await expect(signsIn(id, client.ClientSecretBasic(secret))).rejects.toThrow();
    expect(await signsIn(id, client.ClientSecretBasic(third))).toBe(true);
  });

  it('with the old secret no longer than it was given', async () => {
    let time = new Date();
    const late = await startApp({ uri: test.uri, now: () => time });
    const { id, secret } = await giveApplication(late);
    await late.app.applications.rotateSecret(system, id, 60);
    expect(await late.app.applications.previousSecret(id)).toBe(secret);
    time = new Date(time.getTime() + 61_000);
    expect(await late.app.applications.previousSecret(id)).toBeUndefined();
    await late.app.stop();
  });

  describe('with a certificate behind a trusted proxy (RFC 8705)', () => {
    const { certificate: pem } = makeCertificate(
      '/C=DE/O=Example\\, Inc./CN=client.example.com',
      'DNS:client.example.com,URI:urn:example:client',
    );
    const asNginx = encodeURIComponent(pem);
    const asRfc9440 = `:${pem.replace(/-----[^-]+-----|\s/g, '')}:`;
    const askToken = (id: string, headers: Record<string, string>) =>
      test.http
        .post('/token')
        .set(headers)
        .type('form')
        .send({ grant_type: 'client_credentials', client_id: id, scope: 'groups:read' });
    const service = async (protocol: Record<string, unknown>) => {
      const { body } = await call('post /v1/applications', { name: 'Robot', type: 'service', ...protocol });
      return (body as { result: { client_id: string } }).result.client_id;
    };

    it.each([
      ['subject_dn', 'CN=client.example.com,O=Example\\, Inc.,C=DE', 200],
      ['subject_dn', 'cn=client.example.com, O=Example\\, Inc., C=DE', 200],
      ['subject_dn', 'CN=client.example.com', 401],
      ['subject_dn', 'CN=other.example.com,O=Example\\, Inc.,C=DE', 401],
      ['san_dns', 'client.example.com', 200],
      ['san_dns', 'example.com', 401],
      ['san_uri', 'urn:example:client', 200],
      ['san_email', 'client.example.com', 401],
    ])('whose %s is %s: %i', async (field, value, status) => {
      const id = await service({ token_endpoint_auth_method: 'tls_client_auth', [`tls_client_auth_${field}`]: value });
      for (const certificate of [asNginx, asRfc9440]) {
        const headers = { 'x-ssl-client-cert': certificate, 'x-ssl-client-verify': 'SUCCESS' };
        expect((await askToken(id, headers)).status).toBe(status);
      }
      const unverified = { 'x-ssl-client-cert': asNginx, 'x-ssl-client-verify': 'FAILED:self-signed' };
      expect((await askToken(id, unverified)).status).toBe(401);
      expect((await askToken(id, {})).status).toBe(401);
      expect((await askToken(id, { 'x-ssl-client-cert': '%zz', 'x-ssl-client-verify': 'SUCCESS' })).status).toBe(401);
    });

    it('that is registered as one of its keys, and binds its tokens to it', async () => {
      const x5c = [asRfc9440.slice(1, -1)];
      const jwk = new X509Certificate(pem).publicKey.export({ format: 'jwk' });
      const id = await service({
        token_endpoint_auth_method: 'self_signed_tls_client_auth',
        jwks: { keys: [{ ...jwk, x5c }] },
        tls_client_certificate_bound_access_tokens: true,
      });
      const { body, status } = await askToken(id, { 'x-ssl-client-cert': asNginx });
      expect(status).toBe(200);
      const [, payload = ''] = (body as { access_token: string }).access_token.split('.');
      expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toHaveProperty('cnf.x5t#S256');
      const { certificate: other } = makeCertificate('/CN=client.example.com', 'DNS:client.example.com');
      expect((await askToken(id, { 'x-ssl-client-cert': encodeURIComponent(other) })).status).toBe(401);
    });

    it('at a second host, which the discovery document names (RFC 8705, section 5)', async () => {
      const origin = 'https://mtls.example.com';
      const split = await startApp({
        settings: {
          COHORT_ISSUER: 'https://id.example.com',
          COHORT_TRUSTED_PROXIES: '1',
          COHORT_CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
          COHORT_CLIENT_CERTIFICATE_ORIGIN: origin,
        },
      });
      const forwarded = (host: string) => ({ 'x-forwarded-host': host, 'x-forwarded-proto': 'https' });
      const { body } = await split.http.get('/.well-known/openid-configuration').set(forwarded('id.example.com'));
      expect(body.token_endpoint).toBe('https://id.example.com/token');
      expect(body.mtls_endpoint_aliases).toEqual({
        token_endpoint: `${origin}/token`,
        revocation_endpoint: `${origin}/token/revocation`,
        introspection_endpoint: `${origin}/token/introspection`,
        device_authorization_endpoint: `${origin}/device/auth`,
        pushed_authorization_request_endpoint: `${origin}/request`,
        backchannel_authentication_endpoint: `${origin}/backchannel`,
        userinfo_endpoint: `${origin}/me`,
      });
      const device = await giveApplication(split, { type: 'native' });
      const asked = await split.http
        .post('/device/auth')
        .set(forwarded('mtls.example.com'))
        .type('form')
        .send({ client_id: device.id, scope: 'openid' });
      expect(asked.body).toMatchObject({
        verification_uri: 'https://id.example.com/device',
        verification_uri_complete: expect.stringMatching(/^https:\/\/id\.example\.com\/device\?user_code=/),
      });
      await split.tearDown();
    });

    it('and a proof of possession at the second host, which the proof names (RFC 9449, section 4.3)', async () => {
      const second = 'https://mtls.example.com';
      const split = await startApp({
        settings: {
          COHORT_TRUSTED_PROXIES: '1',
          COHORT_CLIENT_CERTIFICATE_HEADER: 'Client-Cert',
          COHORT_CLIENT_CERTIFICATE_ORIGIN: second,
        },
      });
      await giveUser(split, LOGIN);
      const jwk = new X509Certificate(pem).publicKey.export({ format: 'jwk' });
      const keysOfCertificate = { keys: [{ ...jwk, x5c: [asRfc9440.slice(1, -1)] } as never] };
      const { id } = await giveApplication(split, {
        protocol: { token_endpoint_auth_method: 'self_signed_tls_client_auth', jwks: keysOfCertificate },
      });
      const calledThere: string[] = [];
      const throughProxy = (address: string, options: client.CustomFetchOptions) => {
        const { origin, host, pathname } = new URL(address);
        if (origin !== second) return fetch(address, options as RequestInit);
        calledThere.push(split.inside(address)!);
        const headers = { ...options.headers, 'x-forwarded-host': host, 'client-cert': asRfc9440 };
        const { method, body, redirect } = options;
        return fetch(new URL(pathname, split.issuer), { method, body, redirect, headers } as RequestInit);
      };
      const config = await client.discovery(
        new URL(split.issuer),
        id,
        { use_mtls_endpoint_aliases: true },
        client.TlsClientAuth(),
        { execute: [client.allowInsecureRequests], [client.customFetch]: throughProxy },
      );
      const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'));
      const pkceCodeVerifier = client.randomPKCECodeVerifier();
      const parameters = {
        redirect_uri: REDIRECT_URI,
        scope: 'openid',
        code_challenge_method: 'S256',
        code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      };
      const address = await client.buildAuthorizationUrlWithPAR(config, parameters, { DPoP });
      const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
      const page = await browser.open(address.href);
      const back = await browser.press(page, 'login-submit', { login: LOGIN, password: PASSWORD });
      const checks = { pkceCodeVerifier, idTokenExpected: true };
      const tokens = await client.authorizationCodeGrant(config, new URL(back.address), checks, undefined, { DPoP });
      const { sub } = tokens.claims()!;
      expect(await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP })).toEqual({ sub });
      expect(calledThere).toEqual(['/request', '/token', '/me']);
      await split.tearDown();
    });

    it('and not where no proxy is trusted with it', async () => {
      const plain = await startApp();
      const discovery = (await plain.http.get('/.well-known/openid-configuration')).body as Record<string, string[]>;
      expect(discovery['token_endpoint_auth_methods_supported']).not.toContain('tls_client_auth');
      await plain.tearDown();
    });
  });
});
