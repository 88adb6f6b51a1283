import { decodeJwt } from 'jose';
import * as client from 'openid-client';
import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { relyingParty } from '../support/relying-party.ts';

const HOUR = 3600_000;

describe('a group that is renamed reaches applications', () => {
  let test: TestApp;
  let token: string;
  let offset = 0;
  let serial = 0;

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());
  afterEach(() => {
    offset = 0;
  });

  type Method = 'get' | 'put' | 'post' | 'patch' | 'delete';
  const send = (method: Method, path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const rename = (id: string, name: string) => send('patch', `/v1/groups/${id}`, { name });
  const removal = (id: string, name: string) => `/v1/groups/${id}/former-names/${encodeURIComponent(name)}`;
  const unique = (name: string) => `${name} ${(serial += 1)}`;

  async function application(policy: object, name = 'Grafana') {
    const made = await giveApplication(test, { name });
    const { status, body } = await send('put', `/v1/applications/${made.id}/claim-policy`, policy);
    expect([status, body.code]).toEqual([200, undefined]);
    return made;
  }

  /** What an application receives everywhere; the same, or the test fails. */
  async function received(made: { id: string; secret: string }, login: string): Promise<string[]> {
    const party = await relyingParty(test, made);
    const { tokens, idToken } = await party.signIn({ login, scope: 'openid groups' });
    const userinfo = await client.fetchUserInfo(party.config, tokens.access_token, String(idToken.sub));
    const introspection = await client.tokenIntrospection(party.config, tokens.access_token);
    const user = (await test.app.users.findByUsername(login))!;
    const preview = await send('get', `/v1/applications/${made.id}/claims/${user.id}`);
    const explained = (preview.body.result.groups as { values: string[] }[]).flatMap(({ values }) => values);
    const groups = idToken['groups'] as string[];
    expect(userinfo['groups']).toEqual(groups);
    expect(introspection['groups']).toEqual(groups);
    expect(preview.body.result.id_token.groups).toEqual(groups);
    expect([...new Set(explained)].sort()).toEqual(groups);
    return groups;
  }

  it.each<[string, object, (old: string, present: string) => string[]]>([
    ['by its current name, unless their policy says otherwise', {}, (_old, present) => [present]],
    ['by its former name', { renamed_groups: 'former' }, (old) => [old]],
    ['by both', { renamed_groups: 'both' }, (old, present) => [present, old].sort()],
    ['by its ID, which stays', { renamed_groups: 'both', format: 'id' }, () => []],
  ])('%s', async (_what, policy, wanted) => {
    const old = unique('Pilots');
    const present = unique('Aviators');
    const user = await giveUser(test, `user${serial}@example.com`);
    const { id } = await giveGroup(test, old, [user.id]);
    const made = await application(policy);
    await rename(id, present);
    const expected = 'format' in policy ? [id] : wanted(old, present);
    expect(await received(made, user.username)).toEqual(expected);
  });

  it('by all of its former names, so that no second renaming breaks what the first did not', async () => {
    const names = [unique('One'), unique('Two'), unique('Three')];
    const user = await giveUser(test, `user${serial}@example.com`);
    const { id } = await giveGroup(test, names[0]!, [user.id]);
    for (const name of names.slice(1)) await rename(id, name);
    expect(await received(await application({ renamed_groups: 'former' }), user.username)).toEqual(
      names.slice(0, 2).sort(),
    );
    expect(await received(await application({ renamed_groups: 'both' }), user.username)).toEqual([...names].sort());
    await send('delete', removal(id, names[0]!));
    expect(await received(await application({ renamed_groups: 'former' }), user.username)).toEqual([names[1]]);
  });

  it('by both until a moment, which shortens no token', async () => {
    const old = unique('Pilots');
    const present = unique('Aviators');
    const user = await giveUser(test, `user${serial}@example.com`);
    const { id } = await giveGroup(test, old, [user.id]);
    await rename(id, present);
    const until = Math.floor(Date.now() / 1000) + 100;
    const made = await application({ renamed_groups: 'both', renamed_groups_until: until });
    const party = await relyingParty(test, made);
    const signed = await party.signIn({
      login: user.username,
      scope: 'openid offline_access groups',
      parameters: { prompt: 'consent' },
    });
    expect(signed.idToken['groups']).toEqual([present, old].sort());
    expect(signed.idToken.exp).toBeGreaterThan(until + 100);
    offset = 0.1 * HOUR;
    const refreshed = await client.refreshTokenGrant(party.config, signed.tokens.refresh_token!);
    expect(decodeJwt(refreshed.id_token!)['groups']).toEqual([present]);
  });

  it('by paths with the names that its parent groups had then', async () => {
    const names = [unique('Crew'), unique('Pilots'), unique('Team'), unique('Aviators')] as const;
    const [crew, pilots, team, aviators] = names;
    const user = await giveUser(test, `user${serial}@example.com`);
    const parent = await giveGroup(test, crew);
    const child = await giveGroup(test, pilots, [user.id], [], { parent_id: parent.id });
    const current = await application({ format: 'path' });
    const former = await application({ format: 'path', renamed_groups: 'former' });
    const both = await application({ format: 'path', renamed_groups: 'both' });
    await rename(parent.id, team);
    expect(await received(current, user.username)).toEqual([`/${team}`, `/${team}/${pilots}`].sort());
    expect(await received(former, user.username)).toEqual([`/${crew}`, `/${crew}/${pilots}`].sort());
    await rename(child.id, aviators);
    expect(await received(current, user.username)).toEqual([`/${team}`, `/${team}/${aviators}`].sort());
    const then = [`/${crew}`, `/${crew}/${pilots}`, `/${team}/${pilots}`];
    expect(await received(former, user.username)).toEqual([...then].sort());
    expect(await received(both, user.username)).toEqual([...then, `/${team}`, `/${team}/${aviators}`].sort());
  });

  it('if one of the names that they receive has the prefix', async () => {
    const old = unique('app-readers');
    const present = unique('Readers');
    const user = await giveUser(test, `user${serial}@example.com`);
    const { id } = await giveGroup(test, old, [user.id]);
    const prefix = { prefix: 'app-', strip_prefix: true };
    const current = await application(prefix);
    const both = await application({ ...prefix, renamed_groups: 'both' });
    await rename(id, present);
    expect(await received(current, user.username)).toEqual([]);
    expect(await received(both, user.username)).toEqual([old.slice('app-'.length)]);
  });

  it('in a distributed claim where both names are too many, and ends with the membership', async () => {
    const old = unique('Pilots');
    const present = unique('Aviators');
    const user = await giveUser(test, `user${serial}@example.com`);
    const { id } = await giveGroup(test, old);
    const until = Math.floor(Date.now() / 1000) + 200;
    await send('post', `/v1/groups/${id}/members`, { user_ids: [user.id], until });
    await rename(id, present);
    const party = await relyingParty(test, await application({ renamed_groups: 'both', limit: 1 }));
    const { idToken } = await party.signIn({ login: user.username, scope: 'openid groups' });
    expect([until - 1, until]).toContain(idToken.exp);
    const sources = idToken['_claim_sources'] as { cohort: { endpoint: string; access_token: string } };
    const { endpoint, access_token: key } = sources.cohort;
    const reply = await fetch(endpoint, { headers: { authorization: `Bearer ${key}` } });
    const claims = decodeJwt(await reply.text());
    expect(claims['groups']).toEqual([present, old].sort());
    expect(claims.exp).toBeLessThanOrEqual(until);
  });

  it('is refused as a policy that ends and has nothing to end', async () => {
    const made = await giveApplication(test);
    const reply = await send('put', `/v1/applications/${made.id}/claim-policy`, {
      renamed_groups_until: 1_900_000_000,
    });
    expect([reply.status, reply.body.errors]).toEqual([
      400,
      [{ pointer: '#/renamed_groups_until', detail: 'requires `renamed_groups` to be `former` or `both`' }],
    ]);
  });
});
