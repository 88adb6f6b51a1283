import { system } from '../../../src/platform/actor.ts';
import { withParents } from '../../../src/directory/groups/ancestry.ts';
import type { Group } from '../../../src/directory/groups/group.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

describe('groups in groups', () => {
  let test: TestApp;
  let party: Awaited<ReturnType<typeof relyingParty>>;
  let serial = 0;

  beforeAll(async () => {
    test = await startApp();
    party = await relyingParty(test, await giveApplication(test));
  });
  afterAll(() => test.tearDown());

  const name = (stem: string) => `${stem} ${(serial += 1)}`;
  const inside = (parent: Group, stem: string, members: string[] = [], roles: string[] = []) =>
    giveGroup(test, name(stem), members, roles, { parent_id: parent.id });
  const move = (group: Group, parent: Group | null) =>
    test.app.groups.update(system, group.id, { parent_id: parent?.id ?? null });

  it('put their members into what they sit in, with its roles', async () => {
    const ada = await giveUser(test, 'ada@example.com');
    const role = await giveRole(test, 'flyer');
    const company = await giveGroup(test, name('Company'), [], [role.id]);
    const pilots = await inside(company, 'Pilots');
    const captains = await inside(pilots, 'Captains', [ada.id]);
    const scope = 'openid groups roles';
    const read = async () => (await party.signIn({ login: 'ada@example.com', scope })).idToken;
    expect(await read()).toMatchObject({
      groups: [captains.name, company.name, pilots.name],
      roles: ['flyer'],
    });
    await move(pilots, null);
    expect(await read()).toMatchObject({ groups: [captains.name, pilots.name], roles: [] });
  });

  it('are found by what they sit in, and their people by the roles from above', async () => {
    const grace = await giveUser(test, 'grace@example.com');
    const role = await giveRole(test, 'admiral');
    const navy = await giveGroup(test, name('Navy'), [], [role.id]);
    const fleet = await inside(navy, 'Fleet');
    const ship = await inside(fleet, 'Ship', [grace.id]);
    const token = await adminToken(test);
    const get = async (path: string) => (await test.http.get(path).set('authorization', `Bearer ${token}`)).body.result;
    expect(await get(`/v1/groups?parent_id=${navy.id}`)).toMatchObject([{ group_id: fleet.id, parent_id: navy.id }]);
    expect(await get(`/v1/users?role_id=${role.id}`)).toMatchObject([{ user_id: grace.id }]);
    expect(await get(`/v1/groups/${ship.id}`)).toMatchObject({ parent_id: fleet.id });
  });

  it('never sit in themselves, also when two are moved into one another at once', async () => {
    const a = await giveGroup(test, name('A'));
    const b = await giveGroup(test, name('B'));
    const outcomes = await Promise.allSettled([move(a, b), move(b, a)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'group_cycle' } });
  });

  it('are moved only as deep as ten', async () => {
    const top = await giveGroup(test, name('Top'));
    let last = top;
    for (let level = 2; level <= 9; level += 1) last = await inside(last, 'Level');
    const pair = await giveGroup(test, name('Pair'));
    await inside(pair, 'Inner');
    await expect(move(pair, last)).rejects.toMatchObject({ code: 'nesting_too_deep' });
    const single = await giveGroup(test, name('Single'));
    await move(single, last);
  });

  it('stay as long as others sit in them', async () => {
    const parent = await giveGroup(test, name('Parent'));
    const child = await inside(parent, 'Child');
    await expect(test.app.groups.remove(system, parent.id)).rejects.toMatchObject({ code: 'group_has_subgroups' });
    await test.app.groups.remove(system, child.id);
    await test.app.groups.remove(system, parent.id);
  });

  it('are walked once when a file has made a circle of them', async () => {
    const circle = new Map([
      ['a', 'b'],
      ['b', 'a'],
    ]);
    const groups = (ids: string[]) => Promise.resolve(ids.map((id) => ({ id, parentId: circle.get(id) }) as Group));
    expect((await withParents(['a'], groups)).map(({ id }) => id)).toEqual(['a', 'b']);
  });
});

describe('owners of groups', () => {
  let test: TestApp;
  beforeAll(async () => {
    test = await startApp();
  });
  afterAll(() => test.tearDown());

  it('are set by an administrator, listed, and gone with the group and with themselves', async () => {
    const token = await adminToken(test);
    const call = (method: 'get' | 'put' | 'delete', path: string) =>
      test.http[method](path).set('authorization', `Bearer ${token}`);
    const ada = await giveUser(test, 'ada@example.com');
    const bo = await giveUser(test, 'bo@example.com');
    const group = await giveGroup(test, 'Pilots');
    const path = `/v1/groups/${group.id}/owners`;
    for (const { id } of [bo, ada]) expect((await call('put', `${path}/${id}`)).status).toBe(204);
    expect((await call('put', `${path}/${bo.id}`)).status).toBe(204);
    const usernames = async () =>
      (await call('get', path)).body.result.map((user: { username: string }) => user.username);
    expect(await usernames()).toEqual(['ada@example.com', 'bo@example.com']);
    expect((await call('delete', `${path}/${bo.id}`)).status).toBe(204);
    await test.app.users.remove(system, ada.id);
    expect(await usernames()).toEqual([]);
    await call('put', `${path}/${bo.id}`);
    await test.app.groups.remove(system, group.id);
    expect((await test.app.users.get(bo.id)).ownerOf).toEqual([]);
  });
});
