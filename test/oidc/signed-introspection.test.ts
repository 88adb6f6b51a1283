import { createRemoteJWKSet, jwtVerify } from 'jose';
import { giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const LOGIN = 'ada@example.com';
const JWT = 'application/token-introspection+jwt';

describe('an introspection response', () => {
  let test: TestApp;
  let userId: string;
  beforeAll(async () => {
    test = await startApp();
    ({ id: userId } = await giveUser(test, LOGIN));
    await giveGroup(test, 'Pilots', [userId]);
  });
  afterAll(() => test.tearDown());

  const introspect = (at: TestApp, { id, secret }: { id: string; secret: string }, token: string, accept: string) =>
    at.http.post('/token/introspection').auth(id, secret).accept(accept).type('form').send({ token });

  async function accessToken(application: { id: string; secret: string }): Promise<string> {
    const party = await relyingParty(test, application);
    return (await party.signIn({ login: LOGIN, scope: 'openid groups' })).tokens.access_token;
  }

  it.each(['RS256', 'ES256'] as const)(
    'is a JWT for an application that accepts it, signed with %s (RFC 9701)',
    async (algorithm) => {
      const application = await giveApplication(test, { protocol: { introspection_signed_response_alg: algorithm } });
      const token = await accessToken(application);
      const plain = await introspect(test, application, token, 'application/json');
      expect(plain.body).toMatchObject({ active: true, sub: userId, groups: ['Pilots'] });
      const signed = await introspect(test, application, token, JWT);
      expect(signed.headers['content-type']).toContain(JWT);
      const { payload, protectedHeader } = await jwtVerify(
        signed.text ?? (signed.body as Buffer).toString(),
        createRemoteJWKSet(new URL(`${test.issuer}/jwks`)),
        { issuer: test.issuer, audience: application.id },
      );
      expect(protectedHeader).toMatchObject({ alg: algorithm, typ: 'token-introspection+jwt' });
      expect(payload['token_introspection']).toEqual(plain.body);
    },
  );

  it('is a JWT that says so for a token that is not active', async () => {
    const application = await giveApplication(test);
    const signed = await introspect(test, application, 'x'.repeat(43), JWT);
    const { payload } = await jwtVerify(
      signed.text ?? (signed.body as Buffer).toString(),
      createRemoteJWKSet(new URL(`${test.issuer}/jwks`)),
    );
    expect(payload['token_introspection']).toEqual({ active: false });
  });

  it('is JSON where the operator turned signing off', async () => {
    const off = await startApp({ settings: { COHORT_JWT_INTROSPECTION: 'off' } });
    const application = await giveApplication(off);
    const reply = await introspect(off, application, 'x'.repeat(43), `${JWT}, application/json;q=0.5`);
    expect(reply.body).toEqual({ active: false });
    const { body } = await off.http.get('/.well-known/openid-configuration');
    expect(body).not.toHaveProperty('introspection_signing_alg_values_supported');
    await off.tearDown();
  });
});
