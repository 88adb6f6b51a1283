import * as client from 'openid-client';
import { giveApplication, giveUser, REDIRECT_URI, startApp, type TestApp } from '../support/app.ts';
import { letGracePass } from '../support/grace.ts';
import { ageRefreshToken, openToken } from '../support/tokens.ts';
import { sha256 } from '../../src/platform/ids.ts';
import { relyingParty } from '../support/relying-party.ts';

const login = 'ada@example.com';

describe('a refresh token that was replaced', () => {
  let test: TestApp;
  let other: TestApp;
  beforeAll(async () => {
    test = await startApp();
    other = await startApp({ uri: test.uri, settings: { COHORT_ISSUER: test.issuer } });
    await giveUser(test, login);
  });
  afterAll(async () => {
    await other.app.stop();
    await test.tearDown();
  });

  async function signIn(of = test) {
    const { id } = await giveApplication(test, { type: 'spa' });
    const party = await relyingParty(of, { id, secret: '' });
    const { tokens } = await party.signIn({ login, scope: 'openid email offline_access' });
    const refresh = (token: string, more: Record<string, string> = {}, at = of) =>
      at.http
        .post('/token')
        .type('form')
        .send({ client_id: id, grant_type: 'refresh_token', refresh_token: token, ...more });
    return { id, party, tokens, refresh, first: tokens.refresh_token! };
  }

  const familyOf = (token: string) => sha256(String(openToken(test, 'RefreshToken', token)['family']));
  const stored = () =>
    test.app.database.connection.collection<{ _id: string; current: string; replaced: { successor: string }[] }>(
      'oidc_refresh_families',
    );
  const me = (token: string) => test.http.get('/me').set('authorization', `Bearer ${token}`);

  it('returns the same successor for some seconds, on every node', async () => {
    const { refresh, first } = await signIn();
    const { body } = await refresh(first);
    for (const node of [test, other]) {
      const again = await refresh(first, {}, node);
      const { expires_in: expiresIn, ...tokens } = again.body;
      expect([again.status, tokens]).toEqual([200, { ...body, expires_in: undefined }]);
      expect(expiresIn).toBeLessThanOrEqual(body.expires_in as number);
    }
    expect((await me(body.access_token as string)).status).toBe(200);
    const { body: next } = await refresh(body.refresh_token as string);
    expect(next.refresh_token).not.toBe(body.refresh_token);
    // And still: of three tabs, the third may be slow.
    expect((await refresh(first)).body.refresh_token).toBe(body.refresh_token);
  });

  it('leaves one line of tokens', async () => {
    const { refresh, first } = await signIn();
    const replies = await Promise.all(
      Array.from({ length: 10 }, (_, index) => refresh(first, {}, index % 2 ? test : other)),
    );
    const next = new Set(replies.map(({ body }) => body.refresh_token as string));
    expect(next.size).toBe(1);
    const [token = ''] = next;
    const family = await stored().findOne({ _id: familyOf(token) });
    expect(family!.current).toBe(sha256(openToken(test, 'RefreshToken', token).jti!));
    expect(familyOf(token)).toBe(familyOf(first));
  });

  it('is evidence of theft later, and ends all that was issued', async () => {
    const { refresh, first } = await signIn();
    const { body } = await refresh(first);
    await letGracePass(test);
    expect((await refresh(first)).body.error).toBe('invalid_grant');
    expect((await refresh(body.refresh_token as string)).body.error).toBe('invalid_grant');
    expect((await me(body.access_token as string)).status).toBe(401);
  });

  it('is of no use to another application', async () => {
    const { refresh, first } = await signIn();
    const { id } = await giveApplication(test, { type: 'spa' });
    await refresh(first);
    expect((await refresh(first, { client_id: id })).body.error).toBe('invalid_grant');
  });

  it('does not hand out an access token that was not asked for', async () => {
    const { refresh, first } = await signIn();
    const { body } = await refresh(first);
    const narrow = await refresh(first, { scope: 'openid' });
    expect(narrow.body.refresh_token).toBe(body.refresh_token);
    expect(narrow.body.access_token).not.toBe(body.access_token);
    expect(narrow.body.scope).toBe('openid');
    expect((await refresh(body.refresh_token as string)).status).toBe(200);
  });

  it('is bound to its key (DPoP), and so is what it stands for', async () => {
    const { id } = await giveApplication(test, { type: 'spa' });
    const party = await relyingParty(test, { id, secret: '' });
    const { config } = party;
    const handleOf = async () => client.getDPoPHandle(config, await client.randomDPoPKeyPair());
    const DPoP = await handleOf();
    const foreign = await handleOf();
    const authorized = await party.authorize({ login, scope: 'openid offline_access' });
    const tokens = await client.authorizationCodeGrant(
      config,
      new URL(authorized.visit.address),
      { pkceCodeVerifier: authorized.verifier, expectedState: authorized.state, expectedNonce: authorized.nonce },
      undefined,
      { DPoP },
    );
    // When most of its life has passed, bound tokens rotate too.
    const old = ageRefreshToken(test, tokens.refresh_token!, 0.8);
    const rotated = await client.refreshTokenGrant(config, old, undefined, { DPoP });
    expect(rotated.refresh_token).not.toBe(old);
    const again = await client.refreshTokenGrant(config, old, undefined, { DPoP });
    expect(again.refresh_token).toBe(rotated.refresh_token);
    await expect(client.refreshTokenGrant(config, old, undefined, { DPoP: foreign })).rejects.toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('is not active at introspection', async () => {
    const { id, refresh, first } = await signIn();
    await refresh(first);
    const reply = await test.http.post('/token/introspection').type('form').send({ token: first, client_id: id });
    expect(reply.body).toEqual({ active: false });
  });

  it('keeps its successor encrypted and no longer than needed, and stays evidence', async () => {
    const { refresh, first } = await signIn();
    const { body } = await refresh(first);
    const family = () => stored().findOne({ _id: familyOf(first) });
    const kept = await family();
    expect(kept!.replaced[0]!.successor).toMatch(/^test\./);
    expect(JSON.stringify(kept)).not.toContain(body.refresh_token);
    await letGracePass(test);
    const task = test.app.modules
      .flatMap(({ tasks = [] }) => tasks)
      .find(({ name }) => name === 'forget-replaced-tokens');
    await task!.run(new AbortController().signal);
    expect((await family())!.replaced).toEqual([]);
    expect((await refresh(first)).body.error).toBe('invalid_grant');
    expect((await refresh(body.refresh_token as string)).body.error).toBe('invalid_grant');
  });

  it('is evidence at once where the operator allows no time', async () => {
    const strict = await startApp({ settings: { COHORT_REFRESH_TOKEN_GRACE_SECONDS: '0' } });
    await giveUser(strict, login);
    const { id } = await giveApplication(strict, { type: 'spa', redirectUri: REDIRECT_URI });
    const party = await relyingParty(strict, { id, secret: '' });
    const { tokens } = await party.signIn({ login, scope: 'openid offline_access' });
    const rotated = await client.refreshTokenGrant(party.config, tokens.refresh_token!);
    for (const token of [tokens.refresh_token!, rotated.refresh_token!])
      await expect(client.refreshTokenGrant(party.config, token)).rejects.toMatchObject({ error: 'invalid_grant' });
    await strict.tearDown();
  });
});
