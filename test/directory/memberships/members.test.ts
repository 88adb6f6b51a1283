import { everybody } from '../../../src/directory/users/user-search.ts';
import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { isStill } from '../../support/process.ts';

const PAGE = { list: '', limit: 10 };
const SOON = new Date(Date.now() + 3_600_000);

describe('the members of a group', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  it('are read with their membership in it and no others, of which they may have thousands', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const pilots = await giveGroup(test, 'Pilots', [ada.id]);
    const crew = await giveGroup(test, 'Crew', [ada.id]);
    const later = await giveGroup(test, 'Later');
    await test.app.memberships.add(system, later.id, { userIds: [ada.id] }, () => ({ from: SOON }));
    const groupsOf = (users: { memberships: { group: string }[] }[]) =>
      users.map(({ memberships }) => memberships.map(({ group }) => group));
    const of = (inGroup: string, isUpcoming = false) => ({ ...everybody, inGroup, isUpcoming });
    const { users } = test.app;
    expect(groupsOf((await users.searchMembers(of(crew.id), PAGE)).items)).toEqual([[crew.id]]);
    expect(groupsOf((await users.searchMembers(of(later.id, true), PAGE)).items)).toEqual([[later.id]]);
    expect(groupsOf((await users.search(of(crew.id), PAGE)).items)).toEqual([[pilots.id, crew.id, later.id]]);
  });

  it('are those of no group that was deleted a moment ago, here or by another node', async () => {
    const { issuer, uri } = test;
    const other = await startApp({ uri, settings: { COHORT_ISSUER: issuer } });
    try {
      const group = await giveGroup(test, 'Short-lived');
      const authorization = `Bearer ${await adminToken(test)}`;
      const ask = () => test.http.get(`/v1/groups/${group.id}/members`).set('authorization', authorization);
      expect((await ask()).status).toBe(200);
      await other.app.groups.remove(system, group.id);
      expect(await isStill(async () => (await ask()).status === 200)).toBe(false);
      const reply = await ask();
      expect([reply.status, reply.body.code]).toEqual([404, 'group_not_found']);
      const own = await giveGroup(test, 'Its own');
      await test.app.groups.remove(system, own.id);
      const gone = await test.http.get(`/v1/groups/${own.id}/members`).set('authorization', authorization);
      expect(gone.status).toBe(404);
    } finally {
      await other.app.stop();
    }
  });
});
