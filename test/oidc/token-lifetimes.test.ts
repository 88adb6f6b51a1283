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

  const restrict = (id: string, groupIds: string[]) =>
    call('put', `/v1/applications/${id}/access`, { access: 'groups', group_ids: groupIds });

  let count = 0;
  const unique = (name: string) => `${name}-${(count += 1)}`;

  /** What each kind of token says about its end: Unix seconds. */
  async function lifetimes(
    login: string,
    policy: object = {},
    parameters: Record<string, string> = {},
    accessGroups?: string[],
  ) {
    const application = await giveApplication(test);
    if (accessGroups) await restrict(application.id, accessGroups);
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

  type Application = Awaited<ReturnType<typeof giveApplication>>;

  async function jwtAccessToken(application: Application, login: string, wanted: string) {
    const party = await relyingParty(test, application);
    const request = await party.authorize({ login, scope: wanted, parameters: { resource: API } });
    const tokens = await client.authorizationCodeGrant(
      party.config,
      new URL(request.visit.address),
      { pkceCodeVerifier: request.verifier, expectedState: request.state, expectedNonce: request.nonce },
      { resource: API },
    );
    return decodeJwt<{ groups?: string[] }>(tokens.access_token);
  }

  it('ends all tokens with the first membership that they report', async () => {
    const until = seconds(100);
    const { id } = await giveGroup(test, 'Pilots');
    await member('ada@example.com', id, until);
    const { tokens: _tokens, expiresIn, ...ends } = await lifetimes('ada@example.com');
    for (const end of Object.values(ends)) expect([until - 1, until]).toContain(end);
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
    expect([until - 1, until]).toContain(nothing.accessToken);
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

  describe('and none outlives the access that an application requires', () => {
    const never = undefined;
    it.each([
      { rule: 'the group of the membership', inChild: 100, inParent: never, groups: ['child'], end: 100 },
      { rule: 'its parent group', inChild: 100, inParent: never, groups: ['parent'], end: 100 },
      { rule: 'a group with a later membership', inChild: 100, inParent: 150, groups: ['parent'], end: 150 },
      { rule: 'one of two groups', inChild: 150, inParent: 100, groups: ['child', 'parent'], end: 150 },
      { rule: 'a group that the user stays in', inChild: 100, inParent: Infinity, groups: ['parent'], end: Infinity },
      { rule: 'nothing', inChild: 100, inParent: never, groups: undefined, end: Infinity },
    ])('with the last membership that gives it: $rule', async ({ inChild, inParent, groups, end }) => {
      const parent = await giveGroup(test, unique('Parent'));
      const child = await giveGroup(test, unique('Child'), [], [], { parent_id: parent.id });
      const login = `${unique('user')}@example.com`;
      const start = seconds(0);
      const user = await member(login, child.id, start + inChild);
      const body = { user_ids: [user.id], ...(inParent === Infinity ? {} : { until: start + (inParent ?? 0) }) };
      if (inParent !== never) await call('post', `/v1/groups/${parent.id}/members`, body);
      const ids = groups?.map((name) => (name === 'child' ? child.id : parent.id));
      // The application reads no claim of groups, so that the access alone decides.
      const found = await lifetimes(login, { tokens: [] }, {}, ids);
      const { tokens, expiresIn, idToken, accessToken, refreshToken, refreshedIdToken } = found;
      const ends = [idToken, accessToken, refreshToken, refreshedIdToken];
      if (end === Infinity) for (const each of ends) expect(each).toBeGreaterThan(start + 200);
      else for (const each of ends) expect([start + end - 1, start + end]).toContain(each);
      if (end !== Infinity) expect(Math.abs(expiresIn - start - end)).toBeLessThanOrEqual(3);
      expect(tokens.refresh_token).toMatch(/^cohort_rt_/);
    });

    it('also a JWT access token of an API, and not with a membership that has not begun', async () => {
      const until = seconds(100);
      const [now, later] = await Promise.all(['Now', 'Later'].map((name) => giveGroup(test, name)));
      const user = await member('ida@example.com', now!.id, until);
      const upcoming = { user_ids: [user.id], from: until - 50 };
      await call('post', `/v1/groups/${later!.id}/members`, upcoming);
      const application = await giveApplication(test);
      await restrict(application.id, [now!.id, later!.id]);
      const { exp, groups } = await jwtAccessToken(application, 'ida@example.com', 'openid');
      expect(groups).toBeUndefined();
      expect([until - 1, until]).toContain(exp);
    });
  });

  it('holds for a JWT access token of an API', async () => {
    const until = seconds(100);
    const { id } = await giveGroup(test, 'Crew');
    await member('kay@example.com', id, until);
    const { exp, groups } = await jwtAccessToken(await giveApplication(test), 'kay@example.com', 'openid groups');
    expect(groups).toEqual(['Crew']);
    expect([until - 1, until]).toContain(exp);
  });

  it('holds for a distributed claim, and for the token that refers to it', async () => {
    const until = seconds(100);
    const groups = await Promise.all(['One', 'Two'].map((name) => giveGroup(test, name)));
    const user = await member('jean@example.com', groups[0]!.id, until);
    await call('post', `/v1/groups/${groups[1]!.id}/members`, { user_ids: [user.id] });
    const { tokens, idToken } = await lifetimes('jean@example.com', { limit: 1 });
    expect([until - 1, until]).toContain(idToken);
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
