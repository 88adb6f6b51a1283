import { system } from '../../src/platform/actor.ts';
import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { enterConsole } from '../support/console.ts';
import { relyingParty } from '../support/relying-party.ts';

const API = 'https://api.example.com/';

describe('residual access', () => {
  let test: TestApp;
  let token: string;
  let offset = 0;
  let count = 0;
  beforeAll(async () => {
    test = await startApp({
      now: () => new Date(Date.now() + offset),
      settings: { COHORT_RESOURCES: API, COHORT_ID_TOKEN_SECONDS: '600', COHORT_ACCESS_TOKEN_SECONDS: '900' },
    });
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());
  beforeEach(() => {
    offset = 0;
  });

  const call = (method: 'get' | 'put' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const residues = async (userId: string) =>
    (await call('get', `/v1/users/${userId}/residual-access`).expect(200)).body.result as {
      client_id: string;
      group_name: string;
      tokens: string[];
      left_at: number;
      until: number;
    }[];

  async function signedIn(scope = 'openid groups') {
    count += 1;
    const username = `user-${count}@example.com`;
    const user = await giveUser(test, username);
    const fleet = await giveGroup(test, `Fleet ${count}`);
    const pilots = await giveGroup(test, `Pilots ${count}`, [user.id], [], { parent_id: fleet.id });
    const application = await giveApplication(test, { name: `Planner ${count}` });
    const party = await relyingParty(test, application);
    const signIn = () => party.signIn({ login: username, scope });
    const { tokens, idToken } = await signIn();
    return { username, user, fleet, pilots, application, tokens, idToken, signIn };
  }

  it('lists groups and their parents until the last token that may report them has expired', async () => {
    const { user, pilots, application, idToken } = await signedIn();
    expect(await residues(user.id)).toEqual([]);
    await test.app.memberships.remove(system, pilots.id, { userIds: [user.id] });
    const found = await residues(user.id);
    expect(found).toMatchObject([
      { client_id: application.id, group_name: `Fleet ${count}`, tokens: ['id_token', 'access_token'] },
      { client_id: application.id, group_name: `Pilots ${count}`, tokens: ['id_token', 'access_token'] },
    ]);
    for (const { left_at: leftAt, until } of found) {
      expect(until).toBeGreaterThanOrEqual(idToken['exp'] as number);
      expect(until - leftAt).toBeLessThanOrEqual(901);
    }
    offset = 901_000;
    expect(await residues(user.id)).toEqual([]);
  });

  it('leaves out what the application never read, and what the user is in still', async () => {
    const narrow = await signedIn();
    await call('put', `/v1/applications/${narrow.application.id}/claim-policy`, {
      group_ids: [narrow.pilots.id],
      tokens: ['id_token', 'userinfo'],
    }).expect(200);
    await test.app.memberships.add(system, narrow.fleet.id, { userIds: [narrow.user.id] });
    await test.app.memberships.remove(system, narrow.pilots.id, { userIds: [narrow.user.id] });
    expect(await residues(narrow.user.id)).toMatchObject([{ group_name: `Pilots ${count}`, tokens: ['id_token'] }]);
    const plain = await signedIn('openid');
    await test.app.memberships.remove(system, plain.pilots.id, { userIds: [plain.user.id] });
    expect(await residues(plain.user.id)).toEqual([]);
    const late = await signedIn();
    const outside = await giveGroup(test, `Outside ${count}`, [late.user.id]);
    await test.app.memberships.remove(system, outside.id, { userIds: [late.user.id] });
    const other = await giveApplication(test, { name: 'Late' });
    offset = 5000;
    expect((await residues(late.user.id)).map((each) => each.client_id)).not.toContain(other.id);
  });

  it('is ended by an administrator, in the API and the console', async () => {
    const { user, pilots, application, tokens, signIn } = await signedIn();
    await test.app.memberships.remove(system, pilots.id, { userIds: [user.id] });
    await call('delete', `/v1/users/${user.id}/residual-access`).expect(204);
    expect(await residues(user.id)).toEqual([]);
    await test.http.get('/me').set('authorization', `Bearer ${tokens.access_token}`).expect(401);
    const path = `/v1/audit-events?action=user.application_signed_out&target_id=${application.id}`;
    expect((await call('get', path)).body.result).toHaveLength(1);

    await test.app.memberships.add(system, pilots.id, { userIds: [user.id] });
    await signIn();
    await test.app.memberships.remove(system, pilots.id, { userIds: [user.id] });
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const place = `/console/users/${user.id}/applications`;
    const { browser, page } = await enterConsole(test, 'owner@example.com', place);
    expect(page.html).toContain('Residual access');
    const ended = await browser.press(page, 'end-residual');
    expect(ended.html).toContain('Residual access ended.');
    expect(await residues(user.id)).toEqual([]);
  });
});
