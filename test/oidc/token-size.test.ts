import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { adminToken, giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../support/app.ts';
import { giveManyGroups } from '../support/many-groups.ts';
import { relyingParty } from '../support/relying-party.ts';

const RESOURCE = 'https://api.example.com';
/** What proxies take as headers, without "Authorization: Bearer " and the other headers. */
const FITS = 7800;
const scope = 'openid profile email groups roles';

describe('the size of tokens', () => {
  let test: TestApp;
  let admin: string;
  let application: { id: string; secret: string };
  let party: Awaited<ReturnType<typeof relyingParty>>;

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: RESOURCE } });
    admin = await adminToken(test);
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const people: [string, number, string][] = [
      ['few', 2, 'Crew'],
      ['many', 150, 'A group whose name has some forty letters'],
      ['pictures', 60, '🛩️'.repeat(13)],
    ];
    for (const [login, count, name] of people) {
      const { id } = await giveUser(test, `${login}@example.com`, { firstName: 'Ada', lastName: 'Lovelace' });
      await giveManyGroups(test, { count, name: `${name} ${login}`, userIds: [id] });
    }
    const roles: string[] = [];
    for (let index = 0; index < 110; index += 1)
      roles.push((await giveRole(test, `a role whose name has some forty-two letters ${1000 + index}`)).id);
    const grace = await giveUser(test, 'roles@example.com');
    await giveGroup(test, 'Roles 1', [grace.id], roles.slice(0, 60));
    await giveGroup(test, 'Roles 2', [grace.id], roles.slice(60));
  });
  afterAll(() => test.tearDown());

  const path = () => `/v1/applications/${application.id}`;
  async function set(policy: object): Promise<void> {
    const reply = await test.http.put(`${path()}/claim-policy`).set('authorization', `Bearer ${admin}`).send(policy);
    expect(reply.status).toBe(200);
  }
  beforeEach(() => set({}));

  async function tokensOf(login: string) {
    const parameters = { resource: RESOURCE };
    const { tokens, idToken } = await party.signIn({ login: `${login}@example.com`, scope });
    const { visit, verifier, state, nonce } = await party.authorize({
      login: `${login}@example.com`,
      scope,
      parameters,
    });
    const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
    const forApi = await client.authorizationCodeGrant(party.config, new URL(visit.address), checks, parameters);
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    return { idToken: tokens.id_token!, accessToken: forApi.access_token, userinfo };
  }

  it.each([
    ['few', [], 2],
    ['many', ['groups'], 150],
    ['pictures', ['groups'], 60],
    ['roles', ['roles'], 2],
  ])('stays within headers of 8 KiB, whatever the names (%s)', async (login, distributed, count) => {
    const { idToken, accessToken, userinfo } = await tokensOf(login);
    for (const token of [idToken, accessToken]) {
      expect(token.length).toBeLessThan(FITS);
      const claims = decodeJwt(token);
      expect(Object.keys((claims['_claim_names'] as object | undefined) ?? {})).toEqual(distributed);
      for (const claim of ['groups', 'roles']) expect(claim in claims).toBe(!distributed.includes(claim));
    }
    expect(userinfo['groups']).toHaveLength(count);
  });

  it('is limited by the policy of the application, in bytes as they are in the token', async () => {
    await set({ limit_bytes: 32_768 });
    const whole = decodeJwt((await tokensOf('many')).idToken);
    expect(whole['groups']).toHaveLength(150);
    const bytes = Math.ceil(
      (Buffer.byteLength(`${JSON.stringify({ groups: whole['groups'] })},{"roles":[]},`) * 4) / 3,
    );
    await set({ limit_bytes: bytes + 2 });
    expect(decodeJwt((await tokensOf('many')).idToken)['groups']).toHaveLength(150);
    await set({ limit_bytes: bytes - 2 });
    expect(decodeJwt((await tokensOf('many')).idToken)).not.toHaveProperty('groups');
  });

  describe('with an application that reads only the ID token', () => {
    it('has the claims of profile and email in it, where they were requested', async () => {
      await set({ id_token_scopes: ['email', 'profile'] });
      const user = { email: 'few@example.com', email_verified: true, name: 'Ada Lovelace', given_name: 'Ada' };
      const { idToken, userinfo } = await tokensOf('few');
      expect(decodeJwt(idToken)).toMatchObject({ ...user, groups: expect.any(Array) });
      expect(userinfo).toMatchObject(user);
      const { idToken: alone } = await party.signIn({ login: 'few@example.com', scope: 'openid email' });
      expect(alone).toMatchObject({ email: 'few@example.com' });
      expect(alone).not.toHaveProperty('name');
      await set({ id_token_scopes: ['email'] });
      const { idToken: partly } = await party.signIn({ login: 'few@example.com', scope });
      expect(partly).toMatchObject({ email: 'few@example.com' });
      expect(partly).not.toHaveProperty('name');
    });

    it('has them after a refresh too', async () => {
      const login = 'few@example.com';
      const { tokens } = await party.signIn({ login, scope: 'openid email offline_access' });
      await set({ id_token_scopes: ['email'] });
      const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token!);
      expect(decodeJwt(refreshed.id_token!)['email']).toBe(login);
    });

    it('previews them', async () => {
      await set({ id_token_scopes: ['email'] });
      const { id } = (await test.app.users.findByUsername('few@example.com'))!;
      const reply = await test.http.get(`${path()}/claims/${id}`).set('authorization', `Bearer ${admin}`);
      expect(reply.body.result.id_token).toMatchObject({ email: 'few@example.com', email_verified: true });
      expect(reply.body.result.id_token).not.toHaveProperty('name');
    });
  });
});
