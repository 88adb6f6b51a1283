import { z } from 'zod';
import { system } from '../../../src/platform/actor.ts';
import { adminToken, giveGroup, giveUser, giveRole, startApp, type TestApp } from '../../support/app.ts';
import { createPlainBrowser } from '../../../src/demo/plain-browser.ts';
import { enterConsole } from '../../support/console.ts';
import { PASSWORD } from '../../support/app.ts';

const GROUPS = 230;

/** Whatever can be long comes in pages: a user in 10,000 groups was one answer of two megabytes. */
describe('a list', () => {
  let test: TestApp;
  let token: string;
  let userId: string;
  let groupIds: string[];
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    ({ id: userId } = await giveUser(test, 'ada@example.com'));
    await giveUser(test, 'root@example.com', { kind: 'administrator' });
    const parent = await giveGroup(test, 'Everybody');
    const names = Array.from({ length: GROUPS }, (_, index) => `Group ${String(index).padStart(3, '0')}`);
    const roles = await Promise.all(['author', 'editor', 'reader'].map((name) => giveRole(test, name)));
    groupIds = [];
    for (const [index, name] of names.entries()) {
      const group = await giveGroup(test, name, [], [roles[index % 3]!.id], { parent_id: parent.id });
      groupIds.push(group.id);
    }
    await test.app.memberships.setGroups(system, userId, groupIds);
  }, 120_000);
  afterAll(() => test.tearDown());

  const get = (path: string) => test.http.get(path).set('authorization', `Bearer ${token}`);

  async function readAll(path: string, limit: number): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let next: string | null = '';
    while (next !== null) {
      const query: Record<string, string> = { limit: String(limit), ...(next ? { cursor: next } : {}) };
      const { status, body } = await get(path).query(query);
      expect([status, body.result.length <= limit]).toEqual([200, true]);
      found.push(...body.result);
      next = body.next as string | null;
    }
    return found;
  }

  it.each(['groups', 'effective-groups', 'effective-roles', 'sessions', 'applications', 'factors'])(
    'of the %s of a user has pages',
    async (what) => {
      const path = `/v1/users/${userId}/${what}`;
      const { status, body } = await get(path);
      expect([status, body]).toEqual([200, expect.objectContaining({ previous: null })]);
      expect((await get(`${path}?limit=0`)).status).toBe(400);
      expect((await get(`${path}?limit=201`)).status).toBe(400);
      expect((await get(`${path}?cursor=nonsense`)).body.code).toBe('bad_cursor');
    },
  );

  it('of groups is complete and in order, whatever the size of its pages', async () => {
    for (const limit of [7, 50, 200]) {
      const groups = await readAll(`/v1/users/${userId}/groups`, limit);
      expect(groups.map(({ group_id: id }) => id)).toEqual(groupIds);
      const effective = await readAll(`/v1/users/${userId}/effective-groups`, limit);
      expect(effective.map(({ name }) => name)).toEqual(['Everybody', ...groups.map(({ name }) => name)]);
    }
    const { body } = await get(`/v1/users/${userId}/groups?count=true`);
    expect([body.result.length, body.count]).toEqual([50, { value: GROUPS, relation: 'exact' }]);
    const { body: second } = await get(`/v1/users/${userId}/groups`).query({ cursor: body.next });
    const { body: first } = await get(`/v1/users/${userId}/groups`).query({ cursor: second.previous });
    expect(first.result).toEqual(body.result);
  });

  it('of effective roles names a few of the groups that grant one, and how many there are', async () => {
    const { body } = await get(`/v1/users/${userId}/effective-roles`);
    expect(
      body.result.map(({ name, groups, group_count }: Record<string, unknown[]>) => [
        name,
        groups!.length,
        group_count,
      ]),
    ).toEqual([
      ['author', 20, 77],
      ['editor', 20, 77],
      ['reader', 20, 76],
    ]);
  });

  it('of sessions is complete, most recently used first, also of those used at once', async () => {
    const at = (index: number) => new Date(Date.now() - Math.floor(index / 3) * 1000);
    const sessions = Array.from({ length: 120 }, (_, index) => ({
      _id: String(index).padStart(43, '0') as never,
      accountId: userId,
      uid: `uid-${index}`,
      payload: '{}',
      createdAt: at(index),
      seenAt: at(index),
      expiresAt: new Date(Date.now() + 3600_000),
    }));
    await test.app.database.connection.collection('oidc_sessions').insertMany(sessions);
    const found = await readAll(`/v1/users/${userId}/sessions`, 7);
    const times = found.map(({ last_seen_at: seen }) => Number(seen));
    expect(new Set(found.map(({ session_id: id }) => id)).size).toBe(120);
    expect(times).toEqual(times.toSorted((a, b) => b - a));
  });

  it('without pages is one that cannot be long', () => {
    const endpoints = test.app.modules.flatMap((module) => module.endpoints ?? []);
    const unpaged = endpoints.filter(({ method, reply }) => {
      const shape = reply instanceof z.ZodObject ? (reply.shape as Record<string, unknown>) : {};
      return method === 'get' && shape['result'] instanceof z.ZodArray && !('next' in shape);
    });
    // One for each setting; at most fifty owners.
    expect(unpaged.map(({ path }) => path).sort()).toEqual([
      '/v1/applications/{client_id}/signals/streams',
      '/v1/groups/{group_id}/owners',
      '/v1/settings',
    ]);
  });

  it('of direct or inherited groups alone is asked for', async () => {
    const inherited = await get(`/v1/users/${userId}/effective-groups?is_direct=false&count=true`);
    expect(inherited.body).toMatchObject({ result: [{ name: 'Everybody' }], count: { value: 1 } });
    const direct = await get(`/v1/users/${userId}/effective-groups?is_direct=true&count=true`);
    expect(direct.body.count).toEqual({ value: GROUPS, relation: 'exact' });
  });

  it('that is set as a whole is compared as a whole, whichever page was read', async () => {
    const path = `/v1/users/${userId}/groups`;
    const put = (ids: string[], etag: string) =>
      test.http
        .put(path)
        .set({ authorization: `Bearer ${token}`, 'if-match': etag })
        .send({ group_ids: ids });
    const { body, headers } = await get(`${path}?limit=3`);
    const second = await get(path).query({ limit: '3', cursor: body.next });
    await test.app.memberships.removeOne(system, groupIds.at(-1)!, userId);
    expect((await put(groupIds, String(headers['etag']))).status).toBe(412);
    expect((await put(groupIds, String(second.headers['etag']))).status).toBe(412);
    const now = await get(`${path}?limit=200`);
    const done = await put(groupIds, String(now.headers['etag']));
    expect([done.status, done.body.result.length, done.body.next]).toEqual([200, 50, expect.any(String)]);
    expect((await put(groupIds, `W/${done.headers['etag']}`)).status).toBe(200);
  });

  it('in the console has pages, on which groups are added and removed', async () => {
    const { browser, page } = await enterConsole(test, 'root@example.com', `/console/users/${userId}/groups`);
    expect(page.html.match(/name="group:/g)!.length).toBeLessThanOrEqual(80);
    const [, href = ''] = /<a class="btn" rel="next" href="([^"]+)"/.exec(page.html) ?? [];
    const next = await browser.open(new URL(href.replaceAll('&amp;', '&'), page.address).href);
    expect([next.html.includes('Group 049'), next.html.includes('Group 050')]).toEqual([false, true]);
    const removed = await browser.press(next, 'remove-groups', { [`group:${groupIds[60]}`]: 'yes' });
    expect(removed.status).toBe(200);
    expect(await test.app.memberships.groupIdsOf(userId, system)).not.toContain(groupIds[60]);
    const added = await browser.press(removed, 'add-groups', { [`group:${groupIds[60]}`]: 'yes' });
    expect(added.status).toBe(200);
    expect(await test.app.memberships.groupIdsOf(userId, system)).toContain(groupIds[60]);
    const listed = await browser.open(`${test.issuer}/console/users?column:groups=yes`);
    expect([listed.html.includes('Group 009'), listed.html.includes('Group 010')]).toEqual([true, false]);
  });

  it('in My Account has pages', async () => {
    for (const id of groupIds) await test.app.memberships.addOwner(system, id, userId);
    const browser = createPlainBrowser();
    const visit = await browser.open(`${test.issuer}/account/groups`);
    const page = await browser.press(visit, 'login-submit', { login: 'ada@example.com', password: PASSWORD });
    for (const first of [page, await browser.open(`${test.issuer}/account`)]) {
      expect([first.html.includes('Group 049'), first.html.includes('Group 050')]).toEqual([true, false]);
      const [, href = ''] = /<a rel="next" href="([^"]+)"/.exec(first.html) ?? [];
      const next = await browser.open(new URL(href.replaceAll('&amp;', '&'), first.address).href);
      expect([next.html.includes('Group 049'), next.html.includes('Group 050')]).toEqual([false, true]);
    }
    for (const path of ['sessions', 'applications', 'activity', 'security'])
      expect((await browser.open(`${test.issuer}/account/${path}`)).status).toBe(200);
    const data = JSON.parse((await browser.open(`${test.issuer}/account/data`)).html) as { groups: unknown[] };
    expect(data.groups).toHaveLength(GROUPS);
  });
});
