import { adminToken, giveApplication, giveGroup, giveUser, startApp, type TestApp } from '../support/app.ts';
import { callsByName } from '../support/actors.ts';
import { relyingParty } from '../support/relying-party.ts';

interface Explanation {
  group_id: string;
  name: string;
  is_included: boolean;
  reason: string;
  explanation: string;
  values: string[];
  included_in: string[];
  distributed_in: string[];
  is_direct: boolean;
  paths: { name: string }[][];
  from: number | null;
  until: number | null;
  prefix: string | null;
}

describe('why an application receives a group, or does not', () => {
  let test: TestApp;
  let token: string;
  let application: { id: string; secret: string };
  let adaId: string;
  let offset = 0;
  const groups: Record<string, string> = {};
  const seconds = (after: number) => Math.floor(Date.now() / 1000) + after;
  const iso = (unix: number) => new Date(unix * 1000).toISOString().replace('.000Z', 'Z');

  beforeAll(async () => {
    test = await startApp({ now: () => new Date(Date.now() + offset) });
    token = await adminToken(test);
    const ada = await giveUser(test, 'ada@example.com', { firstName: 'Ada' });
    adaId = ada.id;
    const add = async (name: string, parent?: string) => {
      const place = parent ? { parent_id: groups[parent]! } : {};
      groups[name] = (await giveGroup(test, name, [], [], place)).id;
    };
    await add('Company');
    await add('Crew', 'Company');
    await add('Pilots', 'Crew');
    for (const name of ['app-readers', 'Staff', 'Strangers', 'Former', 'Later']) await add(name);
    for (const name of ['Pilots', 'app-readers', 'Former']) await join(name);
    await join('Later', { from: seconds(3600) });
    await call('delete', `/v1/groups/${groups['Former']}/members/${adaId}`);
  });
  afterAll(() => test.tearDown());
  beforeEach(async () => {
    application = await giveApplication(test, { name: 'Grafana' });
  });
  afterEach(() => {
    offset = 0;
  });

  const call = (method: 'get' | 'put' | 'post' | 'delete', path: string, body?: object) =>
    test.http[method](path).set('authorization', `Bearer ${token}`).send(body);
  const join = (name: string, period: object = {}) =>
    call('post', `/v1/groups/${groups[name]}/members`, { user_ids: [adaId], ...period });
  const set = async (policy: object) =>
    expect((await call('put', `/v1/applications/${application.id}/claim-policy`, policy)).status).toBe(200);

  async function preview(query: Record<string, string> = {}) {
    const { status, body } = await call('get', `/v1/applications/${application.id}/claims/${adaId}`).query(query);
    expect([status, body.code]).toEqual([200, undefined]);
    return body.result as { groups: Explanation[]; answer: Explanation; userinfo: { groups: string[] } };
  }
  const why = async (name: string, query: Record<string, string> = {}) =>
    (await preview({ ...query, group_id: groups[name]! })).answer;

  it('is said of each group that the user is, was or will be in', async () => {
    const { groups: explained, userinfo } = await preview();
    expect(explained.map(({ name, reason, is_included: isIncluded }) => [name, reason, isIncluded])).toEqual([
      ['app-readers', 'direct_member', true],
      ['Company', 'inherited_member', true],
      ['Crew', 'inherited_member', true],
      ['Former', 'membership_ended', false],
      ['Later', 'membership_not_begun', false],
      ['Pilots', 'direct_member', true],
    ]);
    const received = explained.filter((group) => group.is_included).flatMap(({ values }) => values);
    expect(received.sort()).toEqual(userinfo.groups);
  });

  it('is one sentence for a direct and for an inherited membership', async () => {
    expect(await why('Pilots')).toEqual({
      group_id: groups['Pilots'],
      name: 'Pilots',
      is_included: true,
      reason: 'direct_member',
      explanation: 'Ada is a direct member of Pilots, so Grafana receives it.',
      values: ['Pilots'],
      included_in: ['id_token', 'userinfo', 'introspection'],
      distributed_in: [],
      is_direct: true,
      paths: [],
      from: null,
      until: null,
      prefix: null,
    });
    expect(await why('Company')).toMatchObject({
      reason: 'inherited_member',
      explanation: 'Ada is a member of Company through its subgroup Crew, so Grafana receives it.',
      is_direct: false,
      paths: [[{ name: 'Pilots' }, { name: 'Crew' }]],
    });
  });

  it('says until when', async () => {
    const until = seconds(1000);
    await call('post', `/v1/groups/${groups['Staff']}/members`, { user_ids: [adaId], until });
    expect(await why('Staff')).toMatchObject({
      reason: 'direct_member',
      until,
      explanation: `Ada is a direct member of Staff until ${iso(until)}, so Grafana receives it.`,
    });
    offset = 2_000_000;
    // The membership has ended by the clock, whether or not anyone has noticed.
    await test.app.memberships.settle();
    expect(await why('Staff')).toMatchObject({
      reason: 'membership_ended',
      until,
      explanation: `Ada was a member of Staff until ${iso(until)}.`,
    });
  });

  it.each([
    ['Strangers', 'not_a_member', /^Ada is not a member of Strangers\.$/],
    ['Former', 'membership_ended', /^Ada was a member of Former until \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.$/],
    ['Later', 'membership_not_begun', /^The membership of Ada in Later begins at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\.$/],
  ])('says of %s that it is %s', async (name, reason, sentence) => {
    expect(await why(name)).toMatchObject({
      reason,
      is_included: false,
      values: [],
      included_in: [],
      explanation: expect.stringMatching(sentence),
    });
  });

  it.each<[string, object, string, string]>([
    [
      'group_not_listed',
      { group_ids: [] },
      'Pilots',
      'The claim policy of Grafana includes only certain groups, and Pilots is not one of them.',
    ],
    [
      'prefix_differs',
      { prefix: 'app-' },
      'Pilots',
      "The claim policy of Grafana includes only groups whose names start with 'app-'.",
    ],
    [
      'inherited_excluded',
      { direct_only: true },
      'Crew',
      'The claim policy of Grafana includes only direct memberships, and Ada is a member of Crew through its subgroup Pilots.',
    ],
    ['not_in_tokens', { tokens: [] }, 'Pilots', 'The claim policy of Grafana includes groups nowhere.'],
  ])('names the rule of the claim policy: %s', async (reason, policy, name, explanation) => {
    await set(policy);
    expect(await why(name)).toMatchObject({
      reason,
      explanation,
      is_included: false,
      prefix: reason === 'prefix_differs' ? 'app-' : null,
    });
  });

  it('says where a list is a distributed claim', async () => {
    await set({ limit: 1 });
    expect(await why('Pilots')).toMatchObject({
      reason: 'distributed_claim',
      is_included: true,
      included_in: ['userinfo', 'introspection'],
      distributed_in: ['id_token'],
    });
  });

  it('says where the claim policy includes groups', async () => {
    await set({ tokens: ['userinfo'], prefix: 'app-', strip_prefix: true });
    expect(await why('app-readers')).toMatchObject({
      reason: 'direct_member',
      values: ['readers'],
      included_in: ['userinfo'],
    });
  });

  it('says that the scope was not granted', async () => {
    await (await relyingParty(test, application)).signIn({ login: 'ada@example.com', scope: 'openid email' });
    expect(await why('Pilots')).toMatchObject({
      reason: 'scope_not_granted',
      explanation: 'The scope groups is not granted to Grafana.',
    });
    expect(await why('Pilots', { scope: 'openid groups' })).toMatchObject({ reason: 'direct_member' });
  });

  it('says that the user may not use the application, and of a stranger that they are no member', async () => {
    await call('put', `/v1/applications/${application.id}/access`, {
      access: 'groups',
      group_ids: [groups['Strangers']],
    });
    expect(await why('Pilots')).toMatchObject({
      reason: 'no_access',
      explanation: 'Ada may not sign in to Grafana, so it receives no tokens.',
    });
    expect(await why('Strangers')).toMatchObject({ reason: 'not_a_member' });
  });

  it('says that the user is disabled', async () => {
    await call('post', `/v1/users/${adaId}/disable`);
    expect(await why('Pilots')).toMatchObject({
      reason: 'user_disabled',
      explanation: 'Ada is disabled, so Grafana receives no tokens.',
    });
    await call('post', `/v1/users/${adaId}/enable`);
  });

  it('names nothing outside an admin scope', async () => {
    const scopes = new Set(['applications:read', 'users:read', 'groups:read']);
    const actor = {
      kind: 'user',
      id: 'ffffffffffffffff',
      name: 'limited',
      scopes,
      adminScope: [groups['Crew']!],
    } as const;
    const params = { client_id: application.id, user_id: adaId };
    const ask = (groupId: string) =>
      callsByName(test.app, actor)<{ result: { groups: Explanation[]; answer: Explanation } }>(
        'get /v1/applications/{client_id}/claims/{user_id}',
        { params, query: { group_id: groupId } },
      );
    const { body } = await ask(groups['Crew']!);
    expect(body.result.groups.map(({ name }) => name)).toEqual(['Crew', 'Pilots']);
    expect(body.result.answer.reason).toBe('inherited_member');
    expect(JSON.stringify(body)).not.toMatch(/Company|app-readers|Former|Later|Staff/);
    await expect(ask(groups['Company']!)).rejects.toMatchObject({ code: 'group_not_found' });
    await expect(ask(groups['Strangers']!)).rejects.toMatchObject({ code: 'group_not_found' });
  });
});
