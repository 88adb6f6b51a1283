import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt, decodeProtectedHeader, exportJWK, generateKeyPair, SignJWT } from 'jose';
import * as client from 'openid-client';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  giveApplication,
  giveGroup,
  giveUser,
  giveService,
  PASSWORD,
  REDIRECT_URI,
  serviceToken,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { letGracePass } from '../support/grace.ts';
import { ageRefreshToken, changeToken, type Times } from '../support/tokens.ts';
import { relyingParty } from '../support/relying-party.ts';

const RESOURCE = 'https://api.example.com';
const insecure = { execute: [client.allowInsecureRequests] };

describe('the protocol', () => {
  let test: TestApp;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let ada: { id: string };

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: RESOURCE } });
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
  });
  afterAll(() => test.tearDown());

  const signInAda = (more: Partial<Parameters<typeof party.signIn>[0]> = {}) =>
    party.signIn({ login: 'ada@example.com', ...more });

  describe('authorization code', () => {
    it('gives a public client tokens with PKCE, and its browser may call the token endpoint', async () => {
      const spa = await giveApplication(test, { type: 'spa', redirectUri: 'https://spa.example.com/callback' });
      const browserApp = await relyingParty(test, spa);
      const { idToken } = await browserApp.signIn({
        login: 'ada@example.com',
        redirectUri: 'https://spa.example.com/callback',
      });
      expect(idToken).toMatchObject({ iss: test.issuer, aud: spa.id });
      const preflight = await test.http
        .options('/token')
        .set('origin', 'https://spa.example.com')
        .set('access-control-request-method', 'POST');
      expect(preflight.headers['access-control-allow-origin']).toBe('https://spa.example.com');
    });

    it('refuses a public client without PKCE', async () => {
      const spa = await giveApplication(test, { type: 'spa', redirectUri: 'https://spa.example.com/callback' });
      const query = {
        client_id: spa.id,
        response_type: 'code',
        scope: 'openid',
        redirect_uri: 'https://spa.example.com/callback',
      };
      const reply = await test.http.get('/auth').query(query);
      expect(new URL(reply.headers['location']!).searchParams.get('error')).toBe('invalid_request');
    });

    it('lets a confidential client do without PKCE, unless the application requires it', async () => {
      const query = { response_type: 'code', scope: 'openid', redirect_uri: REDIRECT_URI };
      const lax = await test.http.get('/auth').query({ ...query, client_id: application.id });
      expect(test.inside(lax.headers['location'])).toMatch(/^\/interaction\//);
      const strict = await giveApplication(test, { requirePkce: true });
      const refused = await test.http.get('/auth').query({ ...query, client_id: strict.id });
      expect(new URL(refused.headers['location']!).searchParams.get('error')).toBe('invalid_request');
    });

    it('compares redirect addresses exactly, and shows a page instead of sending people to a wrong one', async () => {
      for (const wrong of [
        `${REDIRECT_URI}/`,
        `${REDIRECT_URI}?a=1`,
        'https://app.example.com.evil.test/callback',
        'HTTPS://app.example.com/callback',
      ]) {
        const reply = await test.http
          .get('/auth')
          .set('accept', 'text/html')
          .query({ client_id: application.id, response_type: 'code', scope: 'openid', redirect_uri: wrong });
        expect(reply.status).toBe(400);
        expect(reply.headers['location']).toBeUndefined();
      }
    });

    it('takes the request by POST too (OpenID Connect Core 3.1.2.1)', async () => {
      const fields = { client_id: application.id, response_type: 'code', scope: 'openid', redirect_uri: REDIRECT_URI };
      const reply = await test.http.post('/auth').type('form').send(fields);
      expect(reply.status).toBe(303);
      expect(test.inside(reply.headers['location'])).toBe(`/auth?${new URLSearchParams(fields).toString()}`);
    });

    it('says the truth about the sign-in: auth_time and amr', async () => {
      const { idToken } = await signInAda();
      expect(idToken['amr']).toEqual(['pwd']);
      const { idToken: again } = await signInAda({ parameters: { max_age: '1000' } });
      expect(Math.abs(Number(again['auth_time']) - Date.now() / 1000)).toBeLessThan(30);
    });

    it('uses the session that is there, and asks again for prompt=login', async () => {
      const { browser } = await signInAda();
      const second = await party.start();
      expect((await browser.open(second.address.href)).address).toContain(`${REDIRECT_URI}?code=`);
      const third = await party.start({ parameters: { prompt: 'login' } });
      expect((await browser.open(third.address.href)).html).toContain('login-submit');
    });

    it('answers login_required to prompt=none without a session', async () => {
      const { address } = await party.start({ parameters: { prompt: 'none' } });
      const visit = await createPlainBrowser({ stopAt: [REDIRECT_URI] }).open(address.href);
      expect(new URL(visit.address).searchParams.get('error')).toBe('login_required');
    });
  });

  describe('refresh tokens', () => {
    it('are given without offline_access too, and end with the session then', async () => {
      const { tokens, browser } = await signInAda();
      expect((await client.refreshTokenGrant(party.config, tokens.refresh_token!)).refresh_token).toBeDefined();
      const logout = await browser.open(
        client.buildEndSessionUrl(party.config, { id_token_hint: tokens.id_token! }).href,
      );
      await browser.press(logout, 'logout-yes');
      await expect(client.fetchUserInfo(party.config, tokens.access_token, client.skipSubjectCheck)).rejects.toThrow();
    });

    it('of a public client rotate, and using an old one again ends the whole grant', async () => {
      const redirectUri = 'https://spa.example.com/callback';
      const { config, signIn } = await relyingParty(test, await giveApplication(test, { type: 'spa', redirectUri }));
      const { tokens } = await signIn({ login: 'ada@example.com', scope: 'openid offline_access', redirectUri });
      const rotated = await client.refreshTokenGrant(config, tokens.refresh_token!);
      expect(rotated.refresh_token).not.toBe(tokens.refresh_token);
      await letGracePass(test);
      await expect(client.refreshTokenGrant(config, tokens.refresh_token!)).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      await expect(client.refreshTokenGrant(config, rotated.refresh_token!)).rejects.toMatchObject({
        error: 'invalid_grant',
      });
      await expect(client.fetchUserInfo(config, rotated.access_token, client.skipSubjectCheck)).rejects.toThrow();
    });

    describe('of a client with a secret', () => {
      const signInForLong = async () => (await signInAda({ scope: 'openid groups offline_access' })).tokens;
      const refresh = (token: string) => client.refreshTokenGrant(party.config, token);
      const sixRefresh = (token: string) => Promise.all(Array.from({ length: 6 }, () => refresh(token)));

      it('stay as they are, so that six requests at once all get tokens of the present', async () => {
        const { refresh_token: token, ...first } = await signInForLong();
        expect(decodeJwt(first.id_token!)['groups']).toEqual([]);
        const crew = await giveGroup(test, 'Crew', [ada.id]);
        const replies = await sixRefresh(token!);
        expect(new Set(replies.map(({ refresh_token }) => refresh_token))).toEqual(new Set([token]));
        expect(replies.map(({ id_token: idToken }) => decodeJwt(idToken!)['groups'])).toEqual(
          Array.from({ length: 6 }, () => ['Crew']),
        );
        await test.app.groups.remove(system, crew.id);
        expect(decodeJwt((await refresh(token!)).id_token!)['groups']).toEqual([]);
      });

      it('rotate when most of their time has passed, and six requests at that moment all get the same one', async () => {
        const { refresh_token: token } = await signInForLong();
        const young = ageRefreshToken(test, token!, 0.69);
        expect((await refresh(young)).refresh_token).toBe(young);
        const old = ageRefreshToken(test, token!, 0.71);
        const replies = await sixRefresh(old);
        const next = replies.map(({ refresh_token: each }) => each!);
        expect(new Set([old, ...next]).size).toBe(2);
        expect((await refresh(next[0]!)).refresh_token).toBe(next[0]);
      });

      it('are used up once they have rotated: who brings an old one later ends the whole grant', async () => {
        const { refresh_token: young } = await signInForLong();
        const token = ageRefreshToken(test, young!, 0.7);
        const rotated = await refresh(token);
        await letGracePass(test);
        await expect(refresh(token)).rejects.toMatchObject({ error: 'invalid_grant' });
        await expect(refresh(rotated.refresh_token!)).rejects.toMatchObject({ error: 'invalid_grant' });
      });

      it('rotate no more after a year', async () => {
        const { refresh_token: young } = await signInForLong();
        const ofYear = (payload: Times) => ({ ...payload, iiat: payload.iiat - 365 * 24 * 3600 });
        const token = changeToken(test, 'RefreshToken', ageRefreshToken(test, young!, 0.9), ofYear);
        expect((await refresh(token)).refresh_token).toBe(token);
      });
    });
  });

  describe('services', () => {
    it('get a JWT access token for the admin API without naming it (RFC 9068)', async () => {
      const token = await serviceToken(test, await giveService(test, ['groups:read']), 'groups:read');
      expect(decodeProtectedHeader(token)).toMatchObject({ typ: 'at+jwt', alg: 'ES256' });
      expect(decodeJwt(token)).toMatchObject({ iss: test.issuer, aud: `${test.issuer}/v1`, scope: 'groups:read' });
    });

    it('get no scope that they were not given', async () => {
      const token = await serviceToken(
        test,
        await giveService(test, ['groups:read']),
        'groups:read groups:write users:write',
      );
      expect(decodeJwt(token)['scope']).toBe('groups:read');
    });

    it('get no token for an API that is not known', async () => {
      const service = await giveService(test);
      const reply = await test.http
        .post('/token')
        .auth(service.id, service.secret)
        .type('form')
        .send({ grant_type: 'client_credentials', resource: 'https://elsewhere.example.com' });
      expect(reply.status).toBe(400);
      expect(reply.body.error).toBe('invalid_target');
    });
  });

  it('revokes tokens (RFC 7009) and says so at introspection (RFC 7662)', async () => {
    const { tokens } = await signInAda();
    expect(await client.tokenIntrospection(party.config, tokens.access_token)).toMatchObject({
      active: true,
      client_id: application.id,
    });
    await client.tokenRevocation(party.config, tokens.access_token);
    expect(await client.tokenIntrospection(party.config, tokens.access_token)).toEqual({ active: false });
  });

  it('takes pushed authorization requests (RFC 9126), each once', async () => {
    const { address, ...checks } = await party.start();
    const pushed = await client.buildAuthorizationUrlWithPAR(party.config, address.searchParams);
    expect([...pushed.searchParams.keys()].sort()).toEqual(['client_id', 'request_uri']);
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const page = await browser.open(pushed.href);
    const visit = await browser.press(page, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    expect((await party.redeem({ visit, ...checks })).claims()?.aud).toBe(application.id);
    const again = await browser.open(pushed.href);
    expect(again.address).not.toContain('code=');
  });

  it('binds tokens to a key with DPoP (RFC 9449), and takes a proof once', async () => {
    const keys = await client.randomDPoPKeyPair('ES256', { extractable: true });
    const DPoP = client.getDPoPHandle(party.config, keys);
    const authorized = await party.authorize({ login: 'ada@example.com' });
    const checks = {
      pkceCodeVerifier: authorized.verifier,
      expectedState: authorized.state,
      expectedNonce: authorized.nonce,
    };
    const tokens = await client.authorizationCodeGrant(
      party.config,
      new URL(authorized.visit.address),
      checks,
      undefined,
      { DPoP },
    );
    expect(tokens.token_type).toBe('dpop');
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, client.skipSubjectCheck, { DPoP });
    expect(userinfo.sub).toBeDefined();
    const asBearer = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect(asBearer.status).toBe(401);

    const proof = await dpopProof(keys, `${test.issuer}/me`, tokens.access_token);
    const send = () =>
      test.http
        .get('/me')
        .set('authorization', `DPoP ${tokens.access_token}`)
        .set('dpop', proof)
        .set('host', new URL(test.issuer).host);
    const statuses = (await Promise.all(Array.from({ length: 10 }, send))).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });

  it('answers in signed form (JARM)', async () => {
    const { address } = await party.start({ parameters: { response_mode: 'jwt' } });
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const visit = await browser.press(await browser.open(address.href), 'login-submit', {
      login: 'ada@example.com',
      password: PASSWORD,
    });
    const response = decodeJwt(new URL(visit.address).searchParams.get('response')!);
    expect(response).toMatchObject({ iss: test.issuer, aud: application.id, code: expect.any(String) });
  });

  it('registers applications behind an initial access token (RFC 7591), which can then send signed requests (RFC 9101)', async () => {
    const metadata = {
      client_name: 'Signed up',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'client_secret_basic',
      id_token_signed_response_alg: 'ES256',
    };
    expect((await test.http.post('/reg').send(metadata)).status).toBe(401);
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwk = { ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };
    const token = await test.app.makeRegistrationToken(60);
    const registered = await test.http
      .post('/reg')
      .set('authorization', `Bearer ${token}`)
      .send({
        ...metadata,
        jwks: { keys: [jwk] },
        request_object_signing_alg: 'ES256',
        require_signed_request_object: true,
      });
    expect(registered.status).toBe(201);
    const { client_id: id, client_secret: secret, registration_access_token: registrationToken } = registered.body;

    const own = await relyingParty(test, { id, secret });
    const request = await own.start();
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const signed = await client.buildAuthorizationUrlWithJAR(own.config, request.address.searchParams, {
      key: privateKey,
      kid: 'k1',
    });
    const consent = await browser.press(await browser.open(signed.href), 'login-submit', {
      login: 'ada@example.com',
      password: PASSWORD,
    });
    expect(consent.html).toContain('Signed up');
    const visit = await browser.press(consent, 'consent-submit');
    const tokens = await own.redeem({ visit, ...request });
    expect(decodeProtectedHeader(tokens.id_token!).alg).toBe('ES256');

    const unsigned = await browser.open(request.address.href);
    expect(unsigned.address).toContain('error=invalid_request');
    const read = await test.http.get(`/reg/${id}`).set('authorization', `Bearer ${registrationToken}`);
    expect(read.body.client_name).toBe('Signed up');
    const next = await test.http.delete(`/reg/${id}`).set('authorization', `Bearer ${registrationToken}`);
    expect(next.status).toBe(204);
    expect(await test.app.applications.find(id)).toBeUndefined();
  });

  it.each(['javascript:alert(1)//', 'https://app.example.com/#fragment'])(
    'refuses to register the redirect address %s',
    async (uri) => {
      const token = await test.app.makeRegistrationToken(60);
      const reply = await test.http
        .post('/reg')
        .set('authorization', `Bearer ${token}`)
        .send({ redirect_uris: [uri] });
      expect(reply.status).toBe(400);
      expect(reply.body.error).toBe('invalid_redirect_uri');
    },
  );

  it('signs in a device without a browser (RFC 8628)', async () => {
    const native = await giveApplication(test, {
      type: 'native',
      redirectUri: 'com.example.app:/callback',
      name: 'Cockpit display',
    });
    const config = await client.discovery(new URL(test.issuer), native.id, undefined, client.None(), insecure);
    const device = await client.initiateDeviceAuthorization(config, { scope: 'openid groups' });
    const browser = createPlainBrowser();
    const codePage = await browser.open(device.verification_uri);
    const confirm = await browser.press(codePage, 'submit', { user_code: device.user_code });
    expect(confirm.html).toContain('Cockpit display');
    const signIn = await browser.press(confirm, 'device-confirm');
    const consent = await browser.press(signIn, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    const done = await browser.press(consent, 'consent-submit');
    expect(done.status).toBe(200);
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 0.1 });
    expect(tokens.claims()?.['groups']).toEqual([]);
    const stored = await test.app.database.connection.collection('oidc_device_codes').find().toArray();
    expect(JSON.stringify(stored)).not.toContain(device.device_code);
  });

  describe('sign-out', () => {
    it('asks, ends the session, and goes back to the application with its state', async () => {
      const post = 'https://app.example.com/';
      const { browser, tokens } = await party.signIn({
        login: 'ada@example.com',
        browser: createPlainBrowser({ stopAt: [REDIRECT_URI, post] }),
      });
      const address = client.buildEndSessionUrl(party.config, {
        id_token_hint: tokens.id_token!,
        post_logout_redirect_uri: post,
        state: 's1',
      });
      const back = await browser.press(await browser.open(address.href), 'logout-yes');
      expect(back.address).toBe(`${post}?state=s1`);
      const { address: again } = await party.start();
      expect((await browser.open(again.href)).html).toContain('login-submit');
    });

    it('keeps somebody signed in who changes their mind', async () => {
      const { browser } = await signInAda();
      await browser.press(await browser.open(`${test.issuer}/session/end`), 'cancel');
      const { address } = await party.start();
      expect((await browser.open(address.href)).address).toContain(`${REDIRECT_URI}?code=`);
    });

    it("tells the applications behind the browser's back (OpenID Connect Back-Channel Logout 1.0)", async () => {
      const received: string[] = [];
      const listener = createServer((req, res) => {
        let body = '';
        req.on('data', (chunk: Buffer) => (body += chunk.toString()));
        req.on('end', () => {
          received.push(body);
          res.end();
        });
      });
      await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
      const uri = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/logout`;
      try {
        const told = await giveApplication(test, { name: 'Told' });
        await test.app.applications.update(system, told.id, { backchannel_logout_uri: uri });
        const toldParty = await relyingParty(test, told);
        const { browser, idToken } = await toldParty.signIn({ login: 'ada@example.com' });
        await browser.press(await browser.open(`${test.issuer}/session/end`), 'logout-yes');
        expect(received).toHaveLength(1);
        const logout = decodeJwt(new URLSearchParams(received[0]).get('logout_token')!);
        expect(logout).toMatchObject({ iss: test.issuer, aud: told.id, sub: idToken.sub });
        expect(logout['events']).toEqual({ 'http://schemas.openid.net/event/backchannel-logout': {} });
      } finally {
        listener.close();
      }
    });
  });

  it('says in its discovery document what it can', async () => {
    const { body } = await test.http.get('/.well-known/openid-configuration');
    expect(body).toMatchObject({
      issuer: test.issuer,
      scopes_supported: expect.arrayContaining(['openid', 'offline_access', 'profile', 'email', 'groups', 'roles']),
      claims_supported: expect.arrayContaining(['groups', 'roles']),
      code_challenge_methods_supported: ['S256'],
      id_token_signing_alg_values_supported: expect.arrayContaining(['RS256', 'PS256', 'ES256']),
      backchannel_logout_supported: true,
    });
    for (const endpoint of [
      'device_authorization',
      'introspection',
      'revocation',
      'pushed_authorization_request',
      'end_session',
      'registration',
    ]) {
      expect(body[`${endpoint}_endpoint`]).toMatch(test.issuer);
    }
  });
});

async function dpopProof(
  { publicKey, privateKey }: Awaited<ReturnType<typeof client.randomDPoPKeyPair>>,
  uri: string,
  accessToken: string,
): Promise<string> {
  const hash = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken))).toString(
    'base64url',
  );
  return new SignJWT({ htm: 'GET', htu: uri, ath: hash, jti: crypto.randomUUID() })
    .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk: await exportJWK(publicKey) })
    .setIssuedAt()
    .sign(privateKey);
}
