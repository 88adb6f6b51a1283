import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { giveApplication, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const API = 'https://api.example.com';
const OTHER = 'https://other.example.com';
const login = 'ada@example.com';

describe('the API that an authorization request names (RFC 8707)', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: `${API} ${OTHER}`, COHORT_RESOURCE_SCOPES: 'api:read' } });
    party = await relyingParty(test, await giveApplication(test));
    await giveUser(test, login);
  });
  afterAll(() => test.tearDown());

  const scope = 'openid offline_access api:read';

  it('is that of the token when the token request names none, and of its successors', async () => {
    const { tokens } = await party.signIn({ login, scope, parameters: { resource: API } });
    expect(decodeJwt(tokens.access_token)).toMatchObject({ aud: API, scope: 'api:read' });
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token!);
    expect(decodeJwt(refreshed.access_token).aud).toBe(API);
  });

  it('must be chosen when there were several, and the error says so', async () => {
    const { address, ...request } = await party.start({ scope });
    address.searchParams.append('resource', API);
    address.searchParams.append('resource', OTHER);
    const { browser } = await party.authorize({ login });
    const visit = await browser.open(address.href);
    await expect(party.redeem({ ...request, visit })).rejects.toMatchObject({
      error: 'invalid_target',
      error_description: expect.stringContaining('single resource'),
    });
  });

  it('has no userinfo, and userinfo says why', async () => {
    const { tokens } = await party.signIn({ login, scope, parameters: { resource: API } });
    const reply = await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`);
    expect([reply.status, reply.body]).toEqual([
      401,
      { error: 'invalid_token', error_description: expect.stringContaining('is for an API') },
    ]);
    expect(reply.headers['www-authenticate']).toContain('is for an API');
  });
});
