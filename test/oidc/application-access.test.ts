import * as client from 'openid-client';
import { system } from '../../src/platform/actor.ts';
import { createPlainBrowser } from '../../src/demo/plain-browser.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  PASSWORD,
  REDIRECT_URI,
  startApp,
  type TestApp,
} from '../support/app.ts';
import { enterConsole } from '../support/console.ts';
import { relyingParty } from '../support/relying-party.ts';

describe('access to an application by group', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp({});
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const call = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);

  async function closedApplication(groupIds: string[], contact?: string) {
    const application = await giveApplication(test);
    const rule = { access: 'groups', group_ids: groupIds, ...(contact ? { contact } : {}) };
    const reply = await call('put', `/v1/applications/${application.id}/access`, rule);
    expect([reply.status, reply.body.result]).toEqual([200, { contact: null, ...rule }]);
    return { application, party: await relyingParty(test, application) };
  }

  it('is given by a group and its subgroups, and ends with the membership: at the token endpoint, userinfo and introspection', async () => {
    const parent = await giveGroup(test, 'Staff');
    const user = await giveUser(test, 'ada@example.com');
    const child = await giveGroup(test, 'Pilots', [user.id], [], { parent_id: parent.id });
    const { application, party } = await closedApplication([parent.id]);
    const scope = 'openid offline_access';
    const { tokens } = await party.signIn({ login: 'ada@example.com', scope, parameters: { prompt: 'consent' } });
    const userinfo = async () =>
      (await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`)).status;
    const introspect = async () =>
      (
        await test.http
          .post('/token/introspection')
          .auth(application.id, application.secret)
          .type('form')
          .send({ token: tokens.access_token })
      ).body.active as boolean;
    const refresh = () => client.refreshTokenGrant(party.config, tokens.refresh_token!);
    expect([await userinfo(), await introspect()]).toEqual([200, true]);
    await refresh();
    await call('delete', `/v1/groups/${child.id}/members/${user.id}`);
    expect([await userinfo(), await introspect()]).toEqual([401, false]);
    await expect(refresh()).rejects.toMatchObject({ error: 'invalid_grant' });
    const path = `/v1/applications/${application.id}/access/users/${user.id}`;
    expect((await call('get', path)).body.result).toEqual({ has_access: false, reason: 'not_a_member', groups: [] });
    await test.app.memberships.add(system, child.id, {
      userIds: [user.id],
    });
    await refresh();
    expect((await call('get', path)).body.result).toEqual({
      has_access: true,
      reason: 'member',
      groups: [{ group_id: parent.id, name: 'Staff' }],
    });
  });

  it('shows whom to ask, and tells the application when the user leaves', async () => {
    await giveUser(test, 'grace@example.com');
    const { id } = await giveGroup(test, 'Crew');
    const { party } = await closedApplication([id], 'it-support@example.com');
    const browser = createPlainBrowser({ stopAt: [REDIRECT_URI] });
    const { visit } = await party.authorize({ login: 'grace@example.com', browser });
    expect(visit.html).toContain('You don’t have access');
    expect(visit.html).toContain('it-support@example.com');
    const left = await browser.press(visit, 'cancel');
    expect(new URL(left.address).searchParams.get('error')).toBe('access_denied');
    const silent = await party.start({ parameters: { prompt: 'none' } });
    const answer = await browser.open(silent.address.href);
    expect(new URL(answer.address).searchParams.get('error')).toBe('access_denied');
  });

  it('is set in the console, which says how many would lose it, and why a user has none', async () => {
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const amy = await giveUser(test, 'amy@example.com');
    const group = await giveGroup(test, 'Console', [amy.id]);
    const application = await giveApplication(test);
    const place = `/console/applications/${application.id}/access`;
    const { browser, page } = await enterConsole(test, 'owner@example.com', place);
    const fields = { access: 'groups', [`group:${group.id}`]: 'yes', contact: 'it-support@example.com' };
    const checked = await browser.press(page, 'check', fields);
    expect(checked.html).toMatch(/\d+ users? would lose access/);
    const saved = await browser.press(checked, 'save', fields);
    expect(saved.html).toContain('Access saved.');
    expect(saved.html).toContain('amy@example.com');
    expect(saved.html).toContain('Users with access');
    const without = await browser.open(`${test.issuer}${place}?has_access=false`);
    expect(without.html).toContain('Users without access');
    expect(without.html).not.toContain('amy@example.com');
    expect(without.html).toMatch(/owner@example\.com[\s\S]{0,120}No access: not a member of any of these groups\./);
    expect(without.html).toContain('Show users with access');
    const asked = async (username: string) =>
      (await browser.open(`${test.issuer}${place}?username=${encodeURIComponent(username)}`)).html;
    expect(await asked('amy@example.com')).toContain('Has access as a member of Console.');
    expect(await asked('grace@example.com')).toContain('No access: not a member');
    expect(await asked('stranger@example.com')).toContain('No user has this email.');
  });

  it('lists the users without it, paged and sorted by email, with the reason for each', async () => {
    const parent = await giveGroup(test, 'Club');
    const group = await giveGroup(test, 'Team', [], [], { parent_id: parent.id });
    const people = await Promise.all(
      ['member', 'gone', 'later', 'nobody'].map((name) => giveUser(test, `access-${name}@example.com`)),
    );
    const [member, gone, later, nobody] = people.map(({ id }) => id);
    await call('post', `/v1/groups/${group.id}/members`, { user_ids: [member, gone] });
    const from = Math.floor(Date.now() / 1000) + 1000;
    await call('post', `/v1/groups/${group.id}/members`, { user_ids: [later], from });
    await test.app.users.disable(system, gone!);
    const { application } = await closedApplication([parent.id]);
    const path = `/v1/applications/${application.id}/access/users`;
    type Row = { user_id: string; username: string; access: { has_access: boolean; reason: string; groups: object[] } };
    const list = async (query: string, limit = 200) => {
      const rows: Row[] = [];
      for (let cursor: string | null = ''; cursor !== null;) {
        const reply = await call('get', `${path}?${query}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
        expect(reply.status).toBe(200);
        rows.push(...reply.body.result);
        cursor = reply.body.next;
      }
      return rows;
    };
    const given = [{ group_id: parent.id, name: 'Club' }];
    expect((await list('has_access=true')).map(({ user_id: id, access }) => [id, access])).toEqual([
      [member, { has_access: true, reason: 'member', groups: given }],
    ]);
    expect(await list('')).toEqual(await list('has_access=true'));
    const without = await list('has_access=false', 2);
    expect(without.map(({ username }) => username)).toEqual(without.map(({ username }) => username).sort());
    const everyone = (await call('get', '/v1/users?limit=200')).body.result as { user_id: string }[];
    const ids = everyone.map((user) => user.user_id);
    expect(without.map((row) => row.user_id)).toEqual(ids.filter((id) => id !== member));
    const accessOf = (id?: string) => without.find((row) => row.user_id === id)?.access;
    expect(accessOf(gone)).toEqual({ has_access: false, reason: 'disabled', groups: given });
    for (const id of [later, nobody])
      expect(accessOf(id)).toEqual({ has_access: false, reason: 'not_a_member', groups: [] });
    for (const { user_id: id, access } of without)
      expect((await call('get', `${path}/${id}`)).body.result).toEqual(access);
    await call('put', `/v1/applications/${application.id}/access`, { access: 'everyone', group_ids: [] });
    expect((await list('has_access=false')).map((row) => row.user_id)).toEqual([gone]);
    expect((await list('has_access=true')).map((row) => row.user_id)).toEqual(ids.filter((id) => id !== gone));
    const first = await call('get', `${path}?has_access=false&limit=1`);
    const other = await call('get', `${path}?cursor=${first.body.next ?? 'x'}`);
    expect([other.status, other.body.code]).toEqual([400, 'bad_cursor']);
  });

  it('says in a dry run how many would lose it', async () => {
    const both = await giveUser(test, 'hedy@example.com');
    const one = await giveUser(test, 'kay@example.com');
    const wide = await giveGroup(test, 'Wide', [both.id, one.id]);
    const narrow = await giveGroup(test, 'Narrow', [both.id]);
    const { application } = await closedApplication([wide.id]);
    const path = `/v1/applications/${application.id}/access`;
    const dry = await call('put', `${path}?dry_run=true`, { access: 'groups', group_ids: [narrow.id] });
    expect(dry.body.result.impact).toEqual([
      {
        kind: 'users',
        count: { value: 1, relation: 'exact' },
        examples: [{ id: one.id, name: one.username }],
      },
    ]);
    expect((await call('get', path)).body.result.group_ids).toEqual([wide.id]);
    const users = await call('get', `${path}/users?count=true`);
    expect(users.body.result.map(({ username }: { username: string }) => username)).toEqual([
      both.username,
      one.username,
    ]);
    await call('delete', `/v1/groups/${wide.id}`);
    expect((await call('get', path)).body.result).toEqual({ access: 'groups', group_ids: [], contact: null });
  });

  it('is checked in the device flow', async () => {
    const user = await giveUser(test, 'jean@example.com');
    const group = await giveGroup(test, 'Devices', [user.id]);
    const application = await giveApplication(test, { type: 'native', redirectUri: 'com.example.app:/callback' });
    await call('put', `/v1/applications/${application.id}/access`, { access: 'groups', group_ids: [group.id] });
    const party = await relyingParty(test, application);
    const device = await client.initiateDeviceAuthorization(party.config, { scope: 'openid' });
    const browser = createPlainBrowser();
    const codePage = await browser.open(device.verification_uri);
    const confirm = await browser.press(codePage, 'submit', { user_code: device.user_code });
    const signIn = await browser.press(confirm, 'device-confirm');
    const consent = await browser.press(signIn, 'login-submit', { login: 'jean@example.com', password: PASSWORD });
    if (consent.html.includes('consent-submit')) await browser.press(consent, 'consent-submit');
    await call('delete', `/v1/groups/${group.id}/members/${user.id}`);
    const poll = client.pollDeviceAuthorizationGrant(party.config, { ...device, interval: 0.1 });
    await expect(poll).rejects.toMatchObject({ error: 'invalid_grant' });
  });
});
