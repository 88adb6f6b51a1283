import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { system } from '../../src/platform/actor.ts';
import { giveApplication, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const RESOURCE = 'https://api.example.com';

describe('the claim contract', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let application: { id: string; secret: string };

  beforeAll(async () => {
    test = await startApp({ settings: { COHORT_RESOURCES: RESOURCE, COHORT_RESOURCE_SCOPES: 'api:read' } });
    application = await giveApplication(test);
    party = await relyingParty(test, application);
    const ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' });
    await giveUser(test, 'grace@example.com');
    const pilot = await giveRole(test, 'pilot');
    const captain = await giveRole(test, 'captain');
    // Added in an order that is neither the claim's nor the alphabet's.
    await giveGroup(test, 'Staff', [ada.id], [pilot.id]);
    await giveGroup(test, 'Pilots', [ada.id], [pilot.id, captain.id]);
    await giveGroup(test, 'Empty');
  });
  afterAll(() => test.tearDown());

  it('puts the names of the groups into the ID token, sorted', async () => {
    const { idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid groups' });
    expect(idToken['groups']).toEqual(['Pilots', 'Staff']);
  });

  it('says the same in userinfo', async () => {
    const { tokens, idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid groups roles' });
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    expect(userinfo['groups']).toEqual(['Pilots', 'Staff']);
    expect(userinfo['roles']).toEqual(['captain', 'pilot']);
  });

  it('is an empty array, never absent, for someone in no group', async () => {
    const { tokens, idToken } = await party.signIn({ login: 'grace@example.com', scope: 'openid groups roles' });
    expect(idToken['groups']).toEqual([]);
    expect(idToken['roles']).toEqual([]);
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    expect(userinfo['groups']).toEqual([]);
  });

  it('is an array for someone in one group', async () => {
    const joan = await giveUser(test, 'joan@example.com');
    await giveGroup(test, 'Navigators', [joan.id]);
    const { idToken } = await party.signIn({ login: 'joan@example.com', scope: 'openid groups' });
    expect(idToken['groups']).toEqual(['Navigators']);
  });

  it('says nothing about groups or roles that nobody asked for', async () => {
    const { tokens, idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid profile' });
    expect(idToken).not.toHaveProperty('groups');
    expect(idToken).not.toHaveProperty('roles');
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    expect(userinfo).not.toHaveProperty('groups');
    expect(userinfo).not.toHaveProperty('roles');
  });

  it('unites the roles of the groups, each once', async () => {
    const { idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid roles' });
    expect(idToken['roles']).toEqual(['captain', 'pilot']);
    expect(idToken).not.toHaveProperty('groups');
  });

  it('leaves profile and email to userinfo (OpenID Connect Core 5.4)', async () => {
    const { tokens, idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid profile email groups' });
    expect(idToken).not.toHaveProperty('email');
    expect(idToken).not.toHaveProperty('given_name');
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    expect(userinfo).toMatchObject({
      email: 'ada@example.com',
      email_verified: true,
      given_name: 'Ada',
      family_name: 'Lovelace',
      name: 'Ada Lovelace',
    });
  });

  it('is given when the claims parameter asks for it by name', async () => {
    const claims = JSON.stringify({ id_token: { groups: null } });
    const { idToken } = await party.signIn({ login: 'ada@example.com', scope: 'openid', parameters: { claims } });
    expect(idToken['groups']).toEqual(['Pilots', 'Staff']);
  });

  it('is worked out anew at refresh: joined, renamed, left, deleted', async () => {
    const mary = await giveUser(test, 'mary@example.com');
    const crew = await giveGroup(test, 'Crew', [mary.id]);
    const { tokens } = await party.signIn({ login: 'mary@example.com', scope: 'openid groups offline_access' });
    let refreshToken = tokens.refresh_token!;
    const groupsNow = async () => {
      const refreshed = await client.refreshTokenGrant(party.config, refreshToken);
      refreshToken = refreshed.refresh_token!;
      return decodeJwt(refreshed.id_token!)['groups'];
    };
    expect(await groupsNow()).toEqual(['Crew']);
    const gate = await giveGroup(test, 'Gate', [mary.id]);
    expect(await groupsNow()).toEqual(['Crew', 'Gate']);
    await test.app.groups.update(system, crew.id, { name: 'Cabin crew' });
    expect(await groupsNow()).toEqual(['Cabin crew', 'Gate']);
    await test.app.memberships.removeOne(system, gate.id, mary.id);
    expect(await groupsNow()).toEqual(['Cabin crew']);
    await test.app.groups.remove(system, crew.id);
    expect(await groupsNow()).toEqual([]);
  });

  it('follows a rename that another node made', async () => {
    const other = await startApp({ uri: test.uri });
    try {
      const rosa = await giveUser(test, 'rosa@example.com');
      const group = await giveGroup(test, 'Ground', [rosa.id]);
      expect((await party.signIn({ login: 'rosa@example.com', scope: 'openid groups' })).idToken['groups']).toEqual([
        'Ground',
      ]);
      await other.app.groups.update(system, group.id, { name: 'Ground staff' });
      const names = async () =>
        (await party.signIn({ login: 'rosa@example.com', scope: 'openid groups' })).idToken['groups'];
      while (JSON.stringify(await names()) !== '["Ground staff"]');
    } finally {
      await other.app.stop();
    }
  });

  it('is in JWT access tokens for an API (RFC 9068), with the same values', async () => {
    const options = {
      login: 'ada@example.com',
      scope: 'openid groups roles api:read',
      parameters: { resource: RESOURCE },
    };
    const authorized = await party.authorize(options);
    const tokens = await client.authorizationCodeGrant(
      party.config,
      new URL(authorized.visit.address),
      { pkceCodeVerifier: authorized.verifier, expectedState: authorized.state, expectedNonce: authorized.nonce },
      { resource: RESOURCE },
    );
    const accessToken = decodeJwt(tokens.access_token);
    expect(accessToken).toMatchObject({
      aud: RESOURCE,
      scope: expect.stringContaining('api:read'),
      groups: ['Pilots', 'Staff'],
      roles: ['captain', 'pilot'],
    });
    expect(decodeJwt(tokens.id_token!)['groups']).toEqual(['Pilots', 'Staff']);
  });

  it('is in introspection, as of now', async () => {
    const vera = await giveUser(test, 'vera@example.com');
    const { tokens } = await party.signIn({ login: 'vera@example.com', scope: 'openid groups roles' });
    expect(await client.tokenIntrospection(party.config, tokens.access_token)).toMatchObject({
      active: true,
      groups: [],
      roles: [],
    });
    await giveGroup(test, 'Visitors', [vera.id]);
    expect(await client.tokenIntrospection(party.config, tokens.access_token)).toMatchObject({
      active: true,
      groups: ['Visitors'],
      roles: [],
    });
  });
});
