import { createPrivateKey } from 'node:crypto';
import { generateKeyPair, importPKCS8, SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { system } from '../../../src/platform/actor.ts';
import { giveService, serviceToken, startApp, type TestApp } from '../../support/app.ts';

type Key = Awaited<ReturnType<typeof generateKeyPair>>['privateKey'];

describe('the admin API takes only tokens that this Cohort issued for it:', () => {
  let test: TestApp;
  let ownKey: Key;
  let kid: string;
  let serviceId: string;

  beforeAll(async () => {
    test = await startApp();
    const [key] = (await test.app.keys.current()).jwks.keys;
    const pem = createPrivateKey({ key: key as never, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' });
    ownKey = await importPKCS8(pem as string, 'RS256');
    kid = key!.kid!;
    serviceId = (await giveService(test)).id;
  });
  afterAll(() => test.tearDown());

  const now = () => Math.floor(Date.now() / 1000);
  const goodClaims = (): JWTPayload => ({
    iss: test.issuer,
    aud: `${test.issuer}/v1`,
    sub: serviceId,
    client_id: serviceId,
    scope: 'groups:read',
    jti: 'j',
    iat: now(),
    exp: now() + 60,
  });
  const sign = (key: Key, changes: JWTPayload = {}, header: object = {}) =>
    new SignJWT({ ...goodClaims(), ...changes })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid, ...header })
      .sign(key);
  const listGroups = (token: string) => test.http.get('/v1/groups').set('authorization', `Bearer ${token}`);

  it('the right one is taken', async () => {
    expect((await listGroups(await sign(ownKey))).status).toBe(200);
  });

  it.each<[string, JWTPayload, object]>([
    ['an expired one', { exp: Math.floor(Date.now() / 1000) - 60 }, {}],
    ['one without an expiry', { exp: undefined as unknown as number }, {}],
    ['one of another issuer', { iss: 'https://elsewhere.example.com' }, {}],
    ['one for another audience', { aud: 'https://api.example.com' }, {}],
    ['an ID token', {}, { typ: 'JWT' }],
    ['one of a service that is gone', { client_id: 'gone' }, {}],
    ['one that is bound to a key', { cnf: { jkt: 'x' } }, {}],
  ])('not %s', async (_name, changes, header) => {
    const reply = await listGroups(await sign(ownKey, changes, header));
    expect(reply.status).toBe(401);
    expect(reply.headers['www-authenticate']).toContain('error="invalid_token"');
  });

  it('not one signed by a stranger under our key id', async () => {
    const { privateKey } = await generateKeyPair('RS256');
    expect((await listGroups(await sign(privateKey))).status).toBe(401);
  });

  it('not one with the public key as a secret', async () => {
    const publicKey = JSON.stringify((await test.http.get('/jwks')).body.keys[0]);
    const confused = await new SignJWT(goodClaims())
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
      .sign(new TextEncoder().encode(publicKey));
    expect((await listGroups(confused)).status).toBe(401);
  });

  it('not an unsigned one', async () => {
    expect((await listGroups(new UnsecuredJWT(goodClaims()).encode())).status).toBe(401);
  });

  it('not one whose service has been deleted or has lost the scope', async () => {
    const service = await giveService(test, ['groups:read']);
    const granted = await serviceToken(test, service, 'groups:read');
    expect((await listGroups(granted)).status).toBe(200);
    await test.app.applications.update(system, service.id, { scopes: ['users:read'] });
    expect((await listGroups(granted)).status).toBe(403);
    await test.app.applications.remove(system, service.id);
    expect((await listGroups(granted)).status).toBe(401);
  });
});
