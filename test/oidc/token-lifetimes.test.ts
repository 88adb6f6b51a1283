import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { adminToken, giveApplication, giveGroup, giveRole, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';
import { changeToken } from '../support/tokens.ts';

const API = 'https://api.example.com';
const scope = 'openid offline_access groups roles';

describe('no token outlives what it reports', () => {
  let test: TestApp;
  let token: string;
  const seconds = (after: number) => Math.floor(Date.now() / 1000) + after;

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: API } });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'post' | 'put', path: string, body: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);

  async function member(username: string, groupId: string, until?: number) {
    const user = await giveUser(test, username);
    await call('post', `/v1/groups/${groupId}/members`, { user_ids: [user.id], ...(until ? { until } : {}) });
    return user;
  }

  /** What each kind of token says about its end: Unix seconds. */
  async function lifetimes(login: string, policy: object = {}, parameters: Record<string, string> = {}) {
    const application = await giveApplication(test);
    await call('put', `/v1/applications/${application.id}/claim-policy`, policy);
    const party = await relyingParty(test, application);
    const { tokens, idToken } = await party.signIn({ login, scope, parameters: { prompt: 'consent', ...parameters } });
    const introspect = async (value: string) =>
      (
        await test.http
          .post('/token/introspection')
          .auth(application.id, application.secret)
          .type('form')
          .send({ token: value })
      ).body.exp as number;
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token!);
    return {
      idToken: idToken.exp!,
      accessToken: await introspect(tokens.access_token),
      expiresIn: tokens.expires_in! + Math.floor(Date.now() / 1000),
      refreshToken: await introspect(tokens.refresh_token!),
      refreshedIdToken: decodeJwt(refreshed.id_token!).exp!,
      tokens,
    };
  }

  it('ends all tokens with the first membership that they report', async () => {
    const until = seconds(100);
    const { id } = await giveGroup(test, 'Pilots');
    await member('ada@example.com', id, until);
    const { tokens: _tokens, expiresIn, ...ends } = await lifetimes('ada@example.com');
    for (const end of Object.values(ends)) expect([until, until + 1]).toContain(end);
    expect(Math.abs(expiresIn - until)).toBeLessThanOrEqual(3);
  });

  it('is not shortened by what the application cannot see', async () => {
    const until = seconds(100);
    const { id } = await giveGroup(test, 'Hidden');
    await member('grace@example.com', id, until);
    const { idToken, accessToken, refreshToken } = await lifetimes('grace@example.com', { prefix: 'Other' });
    for (const end of [idToken, accessToken, refreshToken]) expect(end).toBeGreaterThan(until + 60);
    const nothing = await lifetimes('grace@example.com', { tokens: ['userinfo'] });
    expect(nothing.idToken).toBeGreaterThan(until + 60);
    expect([until, until + 1]).toContain(nothing.accessToken);
  });

  it('lasts as long as one of several memberships that lead to the same group or role', async () => {
    const role = await giveRole(test, 'Editor');
    const parent = await giveGroup(test, 'Staff', [], [role.id]);
    const child = await giveGroup(test, 'Interns', [], [role.id], { parent_id: parent.id });
    const user = await member('hedy@example.com', child.id, seconds(100));
    await call('post', `/v1/groups/${parent.id}/members`, { user_ids: [user.id] });
    const parentOnly = await lifetimes('hedy@example.com', { group_ids: [parent.id] });
    expect(parentOnly.idToken).toBeGreaterThan(seconds(200));
    const all = await lifetimes('hedy@example.com');
    expect(all.idToken).toBeLessThanOrEqual(seconds(101));
  });

  it('holds for a JWT access token of an API', async () => {
    const until = seconds(100);
    const { id } = await giveGroup(test, 'Crew');
    await member('kay@example.com', id, until);
    const application = await giveApplication(test);
    const party = await relyingParty(test, application);
    const request = await party.authorize({
      login: 'kay@example.com',
      scope: 'openid groups',
      parameters: { resource: API },
    });
    const tokens = await client.authorizationCodeGrant(
      party.config,
      new URL(request.visit.address),
      { pkceCodeVerifier: request.verifier, expectedState: request.state, expectedNonce: request.nonce },
      { resource: API },
    );
    const { exp, groups } = decodeJwt<{ groups: string[] }>(tokens.access_token);
    expect(groups).toEqual(['Crew']);
    expect([until, until + 1]).toContain(exp);
  });

  it('holds for a distributed claim, and for the token that refers to it', async () => {
    const until = seconds(100);
    const groups = await Promise.all(['One', 'Two'].map((name) => giveGroup(test, name)));
    const user = await member('jean@example.com', groups[0]!.id, until);
    await call('post', `/v1/groups/${groups[1]!.id}/members`, { user_ids: [user.id] });
    const { tokens, idToken } = await lifetimes('jean@example.com', { limit: 1 });
    expect([until, until + 1]).toContain(idToken);
    const claims = decodeJwt<{ _claim_sources: Record<string, { endpoint: string; access_token: string }> }>(
      tokens.id_token!,
    );
    const { endpoint, access_token: key } = claims._claim_sources['cohort']!;
    const reply = await fetch(endpoint, { headers: { authorization: `Bearer ${key}` } });
    expect(decodeJwt(await reply.text()).exp).toBe(until);
  });

  it('refuses an access token from the second on in which it ends', async () => {
    await giveUser(test, 'late@example.com');
    const application = await giveApplication(test);
    const { tokens } = await (await relyingParty(test, application)).signIn({ login: 'late@example.com', scope });
    const ending = (after: number) =>
      changeToken(test, 'AccessToken', tokens.access_token, (payload) => ({ ...payload, exp: seconds(after) }));
    const answers = async (value: string) => {
      const userinfo = await test.http.get('/me').set('authorization', `Bearer ${value}`);
      const introspection = await test.http
        .post('/token/introspection')
        .auth(application.id, application.secret)
        .type('form')
        .send({ token: value });
      return [userinfo.status, introspection.body.active as boolean];
    };
    expect(await answers(ending(60))).toEqual([200, true]);
    expect(await answers(ending(0))).toEqual([401, false]);
  });
});
