import { system } from '../../../src/platform/actor.ts';
import type { PlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';

describe('a name that another group has', () => {
  let test: TestApp;
  let bearer: string;
  const ids: Record<string, string> = {};

  beforeAll(async () => {
    test = await startApp();
    bearer = await adminToken(test);
    const add = async (name: string, parent?: string) => {
      const { id } = await giveGroup(test, name, [], [], { parent_id: parent ? ids[parent]! : null });
      ids[name] = id;
    };
    await add('Company');
    await add('Team A', 'Company');
    await add('Team B', 'Company');
    await add('Developers', 'Team B');
    await add('Trainees', 'Team A');
  });
  afterAll(() => test.tearDown());

  const send = (method: 'post' | 'patch', path: string, body: object) =>
    test.http[method](path).set('authorization', `Bearer ${bearer}`).send(body);
  const refusal = (detail: string) => ({
    type: 'urn:cohort:problem:group_name_taken',
    title: 'A group with this name already exists.',
    status: 409,
    detail: 'A group with this name already exists.',
    code: 'group_name_taken',
    request_id: expect.any(String),
    errors: [{ pointer: '#/name', detail }],
  });

  it('is refused with the path of that group and a name that is available', async () => {
    const create = (body: object) => send('post', '/v1/groups', body);
    const taken = await create({ name: 'developers', parent_id: ids['Team A'] });
    const place = 'belongs to the group /Company/Team B/Developers';
    expect(taken.body).toEqual(refusal(`${place}; 'Team A / developers' is available`));
    expect((await create({ name: 'Developers' })).body).toEqual(refusal(`${place}; 'Developers 2' is available`));
    const renamed = await send('patch', `/v1/groups/${ids['Trainees']}`, { name: 'Developers' });
    expect(renamed.body).toEqual(refusal(`${place}; 'Team A / Developers' is available`));
  });

  it('is refused with a suggestion that is not taken itself', async () => {
    await giveGroup(test, 'Pilots');
    await giveGroup(test, 'Pilots 2');
    const { body } = await send('post', '/v1/groups', { name: 'Pilots' });
    expect(body).toEqual(refusal("belongs to the group /Pilots; 'Pilots 3' is available"));
    const long = 'x'.repeat(100);
    await giveGroup(test, long);
    const { body: other } = await send('post', '/v1/groups', { name: long });
    expect(other).toEqual(refusal(`belongs to the group /${long}; '${'x'.repeat(48)} 2' is available`));
  });

  it('is refused for all but one of many at once', async () => {
    const replies = await Promise.all(
      Array.from({ length: 20 }, () => send('post', '/v1/groups', { name: 'Wanted', parent_id: ids['Team A'] })),
    );
    const statuses = replies.map(({ status }) => status).sort();
    expect(statuses).toEqual([201, ...Array.from({ length: 19 }, () => 409)]);
  });

  describe('for an administrator of one team', () => {
    let browser: PlainBrowser;
    beforeAll(async () => {
      const { id } = await giveUser(test, 'grace@example.com', { kind: 'administrator' });
      await giveUser(test, 'owner@example.com', { kind: 'administrator' });
      await test.app.users.setAdministration(system, id, { adminRoles: ['groups'], adminScope: [ids['Team A']!] });
      ({ browser } = await enterConsole(test, 'grace@example.com', '/console/groups'));
    });

    const tryName = async (name: string) => {
      const page = await browser.open(`${test.issuer}/console/groups/new?parent_id=${ids['Team A']}`);
      return (await browser.press(page, 'finish', { name })).html;
    };

    it('is refused with the place of a group that they see', async () => {
      const html = await tryName('Trainees');
      expect(html).toContain('The group …/Team A/Trainees has this name. “Team A / Trainees” is available.');
      expect(html).not.toContain('Company');
    });

    it('is refused without the place of a group that they do not see', async () => {
      const html = await tryName('Developers');
      expect(html).toContain('Another group has this name. “Team A / Developers” is available.');
      expect(html).not.toContain('Team B');
    });
  });
});
