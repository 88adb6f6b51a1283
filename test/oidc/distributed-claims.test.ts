import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { serviceWith } from '../support/actors.ts';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { relyingParty } from '../support/relying-party.ts';

const RESOURCE = 'https://api.example.com';

type Sources = { cohort: { endpoint: string; access_token: string } };

describe('a distributed claim', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let application: { id: string; secret: string };
  let names: string[];
  let userId: string;

  beforeAll(async () => {
    test = await startApp({
      settings: { COHORT_RESOURCES: RESOURCE, COHORT_ACCESS_TOKEN_SECONDS: '7200', COHORT_ID_TOKEN_SECONDS: '600' },
    });
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const ada = await giveUser(test, 'ada@example.com');
    userId = ada.id;
    names = (await giveManyGroups(test, { count: 250, userIds: [ada.id] })).map(({ name }) => name);
  });
  afterAll(() => test.tearDown());

  async function fetchFrom(claims: Record<string, unknown>): Promise<string> {
    const { endpoint, access_token: accessToken } = (claims['_claim_sources'] as Sources).cohort;
    const reply = await fetch(endpoint, { headers: { authorization: `Bearer ${accessToken}` } });
    expect(reply.status).toBe(200);
    return reply.text();
  }

  const verify = (token: string) =>
    jwtVerify(token, createRemoteJWKSet(new URL(`${test.issuer}/jwks`)), {
      issuer: test.issuer,
      audience: application.id,
      algorithms: ['RS256'],
      requiredClaims: ['iss', 'aud', 'sub', 'iat', 'exp'],
    });

  it('is announced in the discovery document', async () => {
    const { body } = await test.http.get('/.well-known/openid-configuration');
    expect(body.claim_types_supported).toEqual(['normal', 'distributed']);
  });

  it('is verified like the ID token that refers to it, and does not outlive it', async () => {
    const { idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid groups' });
    expect(idToken).not.toHaveProperty('groups');
    const { payload, protectedHeader } = await verify(await fetchFrom(idToken));
    expect(protectedHeader).toMatchObject({ alg: 'RS256', kid: expect.any(String) });
    expect(payload.sub).toBe(idToken.sub);
    expect(payload['groups']).toEqual(names);
    expect(payload.exp).toBeLessThanOrEqual(idToken.exp!);
    expect(payload.exp).toBeGreaterThan(payload.iat!);
  });

  it('names the user by the `sub` that a pairwise application knows, and no other', async () => {
    const pairwise = await giveApplication(test, { protocol: { subject_type: 'pairwise' } });
    const { idToken } = await (
      await relyingParty(test, pairwise)
    ).signIn({
      login: 'ada@example.com',
      scope: 'openid groups',
    });
    const claim = decodeJwt(await fetchFrom(idToken));
    expect([claim.aud, claim.sub]).toEqual([pairwise.id, idToken.sub]);
    const reader = await serviceWith(test, ['applications:read', 'users:read', 'groups:read']);
    const preview = await reader.call({
      name: 'get /v1/applications/{client_id}/claims/{user_id}',
      params: { client_id: pairwise.id, user_id: userId },
    });
    expect(preview.body).toMatchObject({ result: { id_token: { sub: idToken.sub }, userinfo: { sub: idToken.sub } } });
    expect(idToken.sub).not.toBe(userId);
  });

  it('of an access token can be read as long as that is valid', async () => {
    const options = { login: 'ada@example.com', scope: 'openid groups', parameters: { resource: RESOURCE } };
    const { visit, verifier, state, nonce } = await party.authorize(options);
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
    const tokens = await client.authorizationCodeGrant(party.config, new URL(visit.address), checks, {
      resource: RESOURCE,
    });
    const accessToken = decodeJwt(tokens.access_token);
    const { payload } = await verify(await fetchFrom(accessToken));
    expect(payload['groups']).toEqual(names);
    expect(payload.exp! - payload.iat!).toBeGreaterThan(7000);
    expect(payload.exp).toBeLessThanOrEqual(accessToken.exp!);
  });
});
