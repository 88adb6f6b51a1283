import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose';
import * as client from 'openid-client';
import { system } from '../../../src/platform/actor.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

const RESOURCE = 'https://api.example.com';
const HOUR = 3600_000;

describe('the claim policy of an application', () => {
  let test: TestApp;
  let token: string;
  let offset = 0;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let application: { id: string; secret: string };
  let adaId: string;
  const groups: Record<string, string> = {};

  beforeAll(async () => {
    const settings = { COHORT_RESOURCES: RESOURCE, COHORT_RESOURCE_SCOPES: 'api:read' };
    test = await startApp({ settings, now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const ada = await giveUser(test, 'ada@example.com');
    adaId = ada.id;
    const captain = await giveRole(test, 'captain');
    const guest = await giveRole(test, 'guest');
    const add = async (name: string, roleIds: string[] = [], parent?: string) => {
      const more = parent ? { parent_id: groups[parent]! } : {};
      groups[name] = (await giveGroup(test, name, parent === 'Crew' ? [] : [ada.id], roleIds, more)).id;
    };
    await add('app-readers', [guest.id]);
    await add('app-writers');
    groups['Crew'] = (await giveGroup(test, 'Crew')).id;
    await add('Air/Sea ~1', [captain.id], 'Crew');
    await test.app.memberships.add(system, groups['Air/Sea ~1']!, { userIds: [ada.id] });
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  const path = (id = application.id) => `/v1/applications/${id}/claim-policy`;
  const get = (address: string) => test.http.get(address).set('authorization', `Bearer ${token}`);
  const put = (body: object, id?: string) => test.http.put(path(id)).set('authorization', `Bearer ${token}`).send(body);
  async function set(body: object) {
    const reply = await put(body);
    expect([reply.status, reply.body.code]).toEqual([200, undefined]);
  }
  const signIn = (scope = 'openid groups roles') => party.signIn({ login: 'ada@example.com', scope });
  const userinfoOf = async ({ tokens, idToken }: Awaited<ReturnType<typeof signIn>>) =>
    client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));

  it('lets everything through until somebody says otherwise', async () => {
    const reply = await get(path());
    expect(reply.body.result).toEqual({
      claim: 'groups',
      format: 'name',
      group_ids: null,
      prefix: '',
      strip_prefix: false,
      renamed_groups: 'current',
      renamed_groups_until: null,
      direct_only: false,
      tokens: ['id_token', 'userinfo', 'access_token', 'introspection'],
      limit: 200,
      limit_bytes: 6144,
      id_token_scopes: [],
    });
    expect(reply.headers['etag']).toBeDefined();
    const { idToken } = await signIn();
    expect(idToken['groups']).toEqual(['Air/Sea ~1', 'Crew', 'app-readers', 'app-writers']);
    expect(idToken['roles']).toEqual(['captain', 'guest']);
  });

  it.each([
    ['groups of a prefix', { prefix: 'app-' }, ['app-readers', 'app-writers'], ['guest']],
    ['a prefix that is stripped', { prefix: 'app-', strip_prefix: true }, ['readers', 'writers'], ['guest']],
    ['a prefix that is all of a name', { prefix: 'app-readers', strip_prefix: true }, ['app-readers'], ['guest']],
    ['only direct groups', { direct_only: true }, ['Air/Sea ~1', 'app-readers', 'app-writers'], ['captain', 'guest']],
    [
      'paths',
      { format: 'path' },
      ['/Crew', '/Crew/Air~1Sea ~01', '/app-readers', '/app-writers'],
      ['captain', 'guest'],
    ],
    ['no group at all', { group_ids: [] }, [], []],
  ])('tells %s', async (_what, policy, names, roles) => {
    await set(policy);
    const signed = await signIn();
    expect([signed.idToken['groups'], signed.idToken['roles']]).toEqual([names, roles]);
    const userinfo = await userinfoOf(signed);
    expect([userinfo['groups'], userinfo['roles']]).toEqual([names, roles]);
  });

  it('never makes a name by leaving the prefix out that Kubernetes keeps for itself', async () => {
    const eve = await giveUser(test, 'eve@example.com');
    await giveGroup(test, 'k8s-system:masters', [eve.id]);
    await giveGroup(test, 'k8s-viewers', [eve.id]);
    await set({ prefix: 'k8s-', strip_prefix: true });
    const { idToken } = await party.signIn({ login: 'eve@example.com', scope: 'openid groups' });
    expect(idToken['groups']).toEqual(['k8s-system:masters', 'viewers']);
  });

  it('tells ids, and only those that are named', async () => {
    const named = [groups['app-writers'], groups['Crew']];
    await set({ format: 'id', group_ids: named });
    expect((await signIn()).idToken['groups']).toEqual([...named].sort());
  });

  it('calls the claim what the application wants, wherever it is', async () => {
    const claim = 'https://app.example.com/groups';
    await set({ claim, prefix: 'app-' });
    const signed = await signIn('openid groups');
    expect(signed.idToken[claim]).toEqual(['app-readers', 'app-writers']);
    expect(signed.idToken).not.toHaveProperty('groups');
    expect(await userinfoOf(signed)).toMatchObject({ [claim]: ['app-readers', 'app-writers'] });
    expect(await client.tokenIntrospection(party.config, signed.tokens.access_token)).toMatchObject({
      [claim]: ['app-readers', 'app-writers'],
    });
    // Not what somebody else's policy calls it, and nothing where nobody asked.
    expect((await signIn('openid')).idToken).not.toHaveProperty([claim]);
    const asked = { claims: JSON.stringify({ id_token: { groups: null } }) };
    const { idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid', parameters: asked });
    expect(idToken[claim]).toEqual(['app-readers', 'app-writers']);
  });

  it('tells groups only where it says', async () => {
    await set({ tokens: ['userinfo'] });
    const signed = await signIn();
    expect(signed.idToken).not.toHaveProperty('groups');
    expect(signed.idToken).not.toHaveProperty('roles');
    expect((await userinfoOf(signed))['groups']).toHaveLength(4);
    expect(await client.tokenIntrospection(party.config, signed.tokens.access_token)).not.toHaveProperty('groups');
  });

  it('counts for the next token of a sign-in that was before it', async () => {
    await set({});
    const { tokens } = await signIn('openid groups offline_access');
    await set({ prefix: 'app-w' });
    const refreshed = await client.refreshTokenGrant(party.config, tokens.refresh_token!);
    expect(decodeJwt(refreshed.id_token!)['groups']).toEqual(['app-writers']);
  });

  describe('with more groups than a token lists', () => {
    type Sources = { cohort: { endpoint: string; access_token: string } };
    const fetchFrom = ({ cohort }: Sources) =>
      fetch(cohort.endpoint, { headers: { authorization: `Bearer ${cohort.access_token}` } });

    async function tooMany() {
      await set({ limit: 2 });
      const signed = await signIn();
      return { signed, sources: signed.idToken['_claim_sources'] as Sources };
    }

    it('refers to all of them, signed, and never lists a part', async () => {
      const { signed, sources } = await tooMany();
      expect(signed.idToken).not.toHaveProperty('groups');
      expect(signed.idToken['_claim_names']).toEqual({ groups: 'cohort' });
      // Not more than it may be.
      expect(signed.idToken['roles']).toEqual(['captain', 'guest']);
      const reply = await fetchFrom(sources);
      expect(reply.headers.get('content-type')).toMatch(/^application\/jwt/);
      const keys = createRemoteJWKSet(new URL(`${test.issuer}/jwks`));
      const { payload } = await jwtVerify(await reply.text(), keys, { issuer: test.issuer, audience: application.id });
      expect(payload.sub).toBe(signed.idToken.sub);
      expect(payload['groups']).toEqual(['Air/Sea ~1', 'Crew', 'app-readers', 'app-writers']);
      expect((await userinfoOf(signed))['groups']).toHaveLength(4);
    });

    it('does so in JWT access tokens too', async () => {
      await set({ limit: 1 });
      const options = { login: 'ada@example.com', scope: 'openid groups api:read', parameters: { resource: RESOURCE } };
      const { visit, verifier, state, nonce } = await party.authorize(options);
      const checks = { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce };
      const tokens = await client.authorizationCodeGrant(party.config, new URL(visit.address), checks, {
        resource: RESOURCE,
      });
      const accessToken = decodeJwt(tokens.access_token);
      expect(accessToken).not.toHaveProperty('groups');
      const reply = await fetchFrom(accessToken['_claim_sources'] as Sources);
      expect(decodeJwt(await reply.text())['groups']).toHaveLength(4);
    });

    it('answers nobody else, and not for ever', async () => {
      const { sources } = await tooMany();
      const { endpoint, access_token: key } = sources.cohort;
      const statusOf = async (accessToken: string) =>
        (await fetchFrom({ cohort: { endpoint, access_token: accessToken } })).status;
      expect(await statusOf('')).toBe(401);
      expect(await statusOf(token)).toBe(401);
      expect(await statusOf(`${key.slice(0, -2)}AA`)).toBe(401);
      const refused = await fetch(endpoint);
      expect(refused.headers.get('www-authenticate')).toMatch(/^Bearer error="invalid_token"/);
      expect((await fetch(endpoint, { method: 'POST' })).status).toBe(405);
      const preflight = await fetch(endpoint, { method: 'OPTIONS' });
      expect([preflight.status, preflight.headers.get('access-control-allow-headers')]).toEqual([204, 'authorization']);
      expect(await statusOf(key)).toBe(200);
      offset = 2 * HOUR;
      expect(await statusOf(key)).toBe(401);
    });

    it('answers nothing any more for who was disabled', async () => {
      const rosa = await giveUser(test, 'rosa@example.com');
      for (const name of ['app-readers', 'app-writers', 'Crew'])
        await test.app.memberships.add(system, groups[name]!, { userIds: [rosa.id] });
      await set({ limit: 2 });
      const { idToken } = await party.signIn({ login: 'rosa@example.com', scope: 'openid groups' });
      const sources = idToken['_claim_sources'] as Sources;
      expect((await fetchFrom(sources)).status).toBe(200);
      await test.app.users.disable(system, rosa.id);
      expect((await fetchFrom(sources)).status).toBe(401);
    });

    it('is previewed without the key to it', async () => {
      await set({ limit: 2 });
      const reply = await get(`/v1/applications/${application.id}/claims/${adaId}`);
      expect(reply.body.result.id_token._claim_sources.cohort.access_token).toBe('…');
      expect(reply.body.result.userinfo.groups).toHaveLength(4);
    });
  });

  it('loses a group that is deleted, and never opens up by that', async () => {
    const { id } = await giveGroup(test, 'Short-lived');
    await set({ group_ids: [id] });
    const dryRun = await test.http.delete(`/v1/groups/${id}?dry_run=true`).set('authorization', `Bearer ${token}`);
    expect(dryRun.body.result.impact).toContainEqual(
      expect.objectContaining({ kind: 'applications', examples: [{ id: application.id, name: 'Flight plans' }] }),
    );
    await test.app.groups.remove(system, id);
    expect((await get(path())).body.result.group_ids).toEqual([]);
    expect((await signIn()).idToken['groups']).toEqual([]);
  });

  it('decides which applications see a group', async () => {
    await set({ group_ids: [groups['app-readers']] });
    await signIn();
    const readersOf = async (name: string) =>
      ((await get(`/v1/groups/${groups[name]}/applications`)).body.result as { client_id: string }[]).map(
        ({ client_id: id }) => id,
      );
    expect(await readersOf('app-readers')).toEqual([application.id]);
    expect(await readersOf('app-writers')).toEqual([]);
  });

  it('is noted in the audit log', async () => {
    await set({ limit: 7 });
    const { body } = await get('/v1/audit-events?action=application.claim_policy_changed&limit=1');
    expect(body.result[0]).toMatchObject({ target: { id: application.id, name: 'Flight plans' } });
  });

  it.each([
    [{ claim: 'sub' }, '#/claim', 'has a different meaning in tokens'],
    [{ claim: 'roles' }, '#/claim', 'has a different meaning in tokens'],
    [{ claim: '__proto__' }, '#/claim', 'has a different meaning in tokens'],
    [{ claim: 'two words' }, '#/claim', expect.stringContaining('letters, digits')],
    [{ format: 'dn' }, '#/format', expect.any(String)],
    [{ group_ids: ['0000000000000000'] }, '#/group_ids/0', 'is not the ID of a group'],
    [{ strip_prefix: true }, '#/strip_prefix', 'requires a prefix'],
    [{ strip_prefix: true, prefix: 'a', format: 'id' }, '#/strip_prefix', 'requires the format `name`'],
    [{ renamed_groups: 'older' }, '#/renamed_groups', expect.any(String)],
    [{ renamed_groups: 'both', renamed_groups_until: 1e12 }, '#/renamed_groups_until', expect.any(String)],
    [{ tokens: ['cookie'] }, '#/tokens/0', expect.any(String)],
    [{ limit: 0 }, '#/limit', 'must be at least 1'],
    [{ limit: 1001 }, '#/limit', 'must be at most 1000'],
    [{ limit_bytes: 255 }, '#/limit_bytes', 'must be at least 256'],
    [{ limit_bytes: 32_769 }, '#/limit_bytes', 'must be at most 32768'],
    [{ id_token_scopes: ['groups'] }, '#/id_token_scopes/0', expect.any(String)],
    [{ name: 'groups' }, '#/name', expect.any(String)],
  ])('is refused as %j', async (body, pointer, detail) => {
    const reply = await put(body);
    expect([reply.status, reply.body.errors]).toEqual([400, [{ pointer, detail }]]);
  });

  it('is nothing for a service', async () => {
    const { id } = await giveService(test, ['groups:read']);
    for (const reply of [await get(path(id)), await put({}, id)])
      expect([reply.status, reply.body.code]).toEqual([409, 'not_a_sign_in_client']);
  });
});
