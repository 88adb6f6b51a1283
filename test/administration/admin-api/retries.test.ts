import { system } from '../../../src/platform/actor.ts';
import {
  adminToken,
  giveApplication,
  giveGroup,
  giveUser,
  giveRole,
  giveService,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';
import { relyingParty } from '../../support/relying-party.ts';

type Method = 'get' | 'post' | 'patch' | 'put' | 'delete';

describe('calls that are sent again, or too late', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const api = (method: Method, path: string, body?: object, headers: Record<string, string> = {}, as = token) => {
    const request = test.http[method](path).set('authorization', `Bearer ${as}`).set(headers);
    return body ? request.send(body) : request;
  };
  const count = (collection: string, filter = {}) =>
    test.app.database.connection.collection(collection).countDocuments(filter);

  describe('Idempotency-Key', () => {
    it('gives the first answer again, and does it once', async () => {
      const send = () => api('post', '/v1/groups', { name: 'Once' }, { 'idempotency-key': '"a key"' });
      const first = await send();
      const second = await send();
      expect(first.status).toBe(201);
      expect(first.headers['idempotent-replayed']).toBeUndefined();
      expect([second.status, second.body, second.headers['location']]).toEqual([
        201,
        first.body,
        first.headers['location'],
      ]);
      expect(second.headers['idempotent-replayed']).toBe('true');
      expect(await count('groups', { name: 'Once' })).toBe(1);
      expect(await count('audit_events', { 'target.name': 'Once' })).toBe(1);
    });

    it('has one effect when fifty come at once, and all get the same answer', async () => {
      const body = { username: 'fifty@example.com', temporary_password: 'Wander#2026' };
      const replies = await Promise.all(
        Array.from({ length: 50 }, () => api('post', '/v1/users', body, { 'idempotency-key': 'fifty' })),
      );
      expect(new Set(replies.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1);
      expect(replies[0]!.status).toBe(201);
      expect(await count('users', { username: 'fifty@example.com' })).toBe(1);
      expect(await count('audit_events', { action: 'user.created', 'target.name': 'fifty@example.com' })).toBe(1);
    });

    it('refuses the same key with another request, and takes it from another service', async () => {
      const key = { 'idempotency-key': 'shared' };
      const { body } = await api('post', '/v1/groups', { name: 'First use' }, key);
      for (const again of [
        await api('post', '/v1/groups', { name: 'Second use' }, key),
        await api('post', '/v1/roles', { name: 'First use' }, key),
      ]) {
        expect(again.body).toMatchObject({ status: 422, code: 'idempotency_key_reused' });
      }
      const other = await adminToken(test);
      const elsewhere = await api('post', '/v1/groups', { name: 'Third use' }, key, other);
      expect(elsewhere.status).toBe(201);
      expect(elsewhere.body.result.group_id).not.toBe(body.result.group_id);
    });

    it('remembers a refusal too, and no passing trouble', async () => {
      await giveGroup(test, 'There already');
      const send = () => api('post', '/v1/groups', { name: 'There already' }, { 'idempotency-key': 'refused' });
      const first = await send();
      const { items } = await test.app.groups.search(
        { customData: [], sort: 'name', descending: false, name: 'There already' },
        { list: '', limit: 1 },
      );
      await test.app.groups.remove(system, items[0]!.id);
      const second = await send();
      expect([first.status, second.status]).toEqual([409, 409]);
      expect(first.body.errors[0].detail).toContain('belongs to the group /There already');
      expect(second.body).toEqual(first.body);
      expect(second.headers['content-type']).toContain('application/problem+json');
      expect((await api('post', '/v1/groups', { name: 7 }, { 'idempotency-key': 'typo' })).status).toBe(400);
      expect((await api('post', '/v1/groups', { name: 'Typo mended' }, { 'idempotency-key': 'typo' })).status).toBe(
        201,
      );
    });

    it('never stores a secret in the clear', async () => {
      const { body } = await api(
        'post',
        '/v1/applications',
        { name: 'Sealed', redirect_uris: ['https://sealed.example.com/'] },
        { 'idempotency-key': 'secret' },
      );
      const stored = await test.app.database.connection.collection('idempotent_answers').find().toArray();
      expect(body.result.client_secret).toHaveLength(43);
      expect(JSON.stringify(stored)).not.toContain(body.result.client_secret);
    });

    it('is forgotten after a day', async () => {
      let offset = 0;
      const later = await startApp({ now: () => new Date(Date.now() + offset) });
      const own = await adminToken(later);
      const send = (name: string) =>
        later.http
          .post('/v1/groups')
          .set('authorization', `Bearer ${own}`)
          .set('idempotency-key', 'daily')
          .send({ name });
      expect((await send('Monday')).status).toBe(201);
      expect((await send('Tuesday')).status).toBe(422);
      offset = 24 * 3600 * 1000 + 1000;
      expect((await send('Tuesday')).status).toBe(201);
      await later.tearDown();
    });

    it.each(['', ' ', '"', '"open', 'a b', 'é', 'x'.repeat(256)])('refuses the key %j', async (key) => {
      const reply = await api('post', '/v1/groups', { name: `With ${key.length}` }, { 'idempotency-key': key });
      // Node's client sends an empty header as none at all.
      if (!key.trim()) return expect(reply.status).toBeLessThan(500);
      expect(reply.body).toMatchObject({ code: 'invalid_input', errors: [{ parameter: 'Idempotency-Key' }] });
    });
  });

  describe('ETag and If-Match', () => {
    it('tells a change that was decided on an old state', async () => {
      const group = await giveGroup(test, 'Edited');
      const path = `/v1/groups/${group.id}`;
      const etag = (await api('get', path)).headers['etag']!;
      expect(etag).toMatch(/^"[\w-]{27}"$/);
      const changed = await api('patch', path, { description: 'One' }, { 'if-match': etag });
      expect(changed.status).toBe(200);
      expect(changed.headers['etag']).toBe((await api('get', path)).headers['etag']);
      const late = await api('patch', path, { description: 'Two' }, { 'if-match': etag });
      expect(late.body).toMatchObject({ status: 412, code: 'precondition_failed' });
      expect((await api('delete', path, undefined, { 'if-match': etag })).status).toBe(412);
      expect((await api('get', path)).body.result.description).toBe('One');
      expect((await api('patch', path, {}, { 'if-match': '*' })).status).toBe(200);
      expect(
        (await api('delete', path, undefined, { 'if-match': `"other", ${(await api('get', path)).headers['etag']}` }))
          .status,
      ).toBe(204);
      expect((await api('patch', path, {}, { 'if-match': etag })).status).toBe(404);
    });

    it('lets one of fifty who read the same state change it', async () => {
      const group = await giveGroup(test, 'Wanted by fifty');
      const path = `/v1/groups/${group.id}`;
      const { etag = '' } = (await api('get', path)).headers;
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, index) => api('patch', path, { description: `${index}` }, { 'if-match': etag })),
      );
      const statuses = replies.map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).toHaveLength(1);
      expect(statuses.filter((status) => status === 412)).toHaveLength(49);
    });

    it('sends nothing again to who has it', async () => {
      const group = await giveGroup(test, 'Unchanged');
      const path = `/v1/groups/${group.id}`;
      const { etag = '' } = (await api('get', path)).headers;
      const again = await api('get', path, undefined, { 'if-none-match': etag });
      expect([again.status, again.text]).toEqual([304, '']);
      const list = await api('get', '/v1/groups');
      expect((await api('get', '/v1/groups', undefined, { 'if-none-match': list.headers['etag']! })).status).toBe(304);
    });

    it('is demanded when the setting says so', async () => {
      const strict = await startApp({ settings: { COHORT_REQUIRE_IF_MATCH: 'on' } });
      const own = await adminToken(strict);
      const group = await giveGroup(strict, 'Strict');
      const patch = (headers: Record<string, string>) =>
        strict.http
          .patch(`/v1/groups/${group.id}`)
          .set('authorization', `Bearer ${own}`)
          .set(headers)
          .send({ description: 'x' });
      expect((await patch({})).body).toMatchObject({ status: 428, code: 'precondition_required' });
      expect((await patch({ 'if-match': '*' })).status).toBe(200);
      await strict.tearDown();
    });
  });

  describe('a dry run', () => {
    it('says who and what would be affected, and changes nothing', async () => {
      const role = await giveRole(test, 'navigator');
      const ada = await giveUser(test, 'dry.ada@example.com');
      const grace = await giveUser(test, 'dry.grace@example.com');
      const group = await giveGroup(test, 'Dry runners', [ada.id, grace.id], [role.id]);
      const application = await giveApplication(test, { name: 'Log book' });
      const party = await relyingParty(test, application);
      await party.signIn({ login: 'dry.ada@example.com', scope: 'openid groups roles' });
      const users = {
        kind: 'users',
        count: { value: 2, relation: 'exact' },
        examples: [
          { id: ada.id, name: 'dry.ada@example.com' },
          { id: grace.id, name: 'dry.grace@example.com' },
        ],
      };
      const one = (kind: string, id: string, name: string) => ({
        kind,
        count: { value: 1, relation: 'exact' },
        examples: [{ id, name }],
      });
      const readers = one('applications', application.id, 'Log book');
      const impact = async (method: Method, path: string, body?: object) => {
        const reply = await api(method, `${path}?dry_run=true`, body);
        expect(reply.status).toBe(200);
        return reply.body.result.impact;
      };
      expect(await impact('delete', `/v1/groups/${group.id}`)).toEqual([users, readers]);
      expect(await impact('patch', `/v1/groups/${group.id}`, { name: 'Renamed' })).toEqual([users, readers]);
      expect(await impact('delete', `/v1/roles/${role.id}`)).toEqual([
        users,
        one('groups', group.id, 'Dry runners'),
        readers,
      ]);
      expect(await impact('delete', `/v1/users/${ada.id}`)).toEqual([
        one('groups', group.id, 'Dry runners'),
        readers,
        { kind: 'sessions', count: { value: 1, relation: 'exact' }, examples: [] },
      ]);
      expect(await impact('delete', `/v1/applications/${application.id}`)).toEqual([
        one('users', ada.id, 'dry.ada@example.com'),
      ]);
      expect((await api('get', `/v1/groups/${group.id}`)).body.result.name).toBe('Dry runners');
      expect((await api('get', `/v1/users/${ada.id}`)).status).toBe(200);
      expect((await api('delete', '/v1/groups/ffffffffffffffff?dry_run=true')).status).toBe(404);
    });
  });

  describe('the rate of requests', () => {
    it('is limited for each service by itself, and shown with every answer', async () => {
      const limited = await startApp({ settings: { COHORT_API_REQUESTS_PER_MINUTE: '3' } });
      const scopes = ['groups:read'];
      const own = await serviceToken(limited, await giveService(limited, scopes), 'groups:read');
      const list = (as: string) => limited.http.get('/v1/groups').set('authorization', `Bearer ${as}`);
      const first = await list(own);
      expect(first.headers['ratelimit-policy']).toBe('"service";q=3;w=60');
      expect(first.headers['ratelimit']).toMatch(/^"service";r=2;t=(60|59)$/);
      await list(own);
      await list(own);
      const fourth = await list(own);
      expect(fourth.body).toMatchObject({ status: 429, code: 'too_many_requests' });
      expect(fourth.headers['ratelimit']).toMatch(/^"service";r=0;t=\d+$/);
      expect(Number(fourth.headers['retry-after'])).toBeGreaterThan(0);
      const other = await serviceToken(limited, await giveService(limited, scopes), 'groups:read');
      expect((await list(other)).status).toBe(200);
      await limited.tearDown();
    });
  });

  interface Event {
    event_id: string;
    at: number;
    actor: { id: string };
    target: { name: string };
    address: string;
  }

  describe('the audit log', () => {
    const events = async (query: Record<string, string>) =>
      (await api('get', '/v1/audit-events', undefined).query(query)).body.result as Event[];

    it('is searched by who, what, whom, from where and when', async () => {
      const user = await giveUser(test, 'watched@example.com');
      const group = (await api('post', '/v1/groups', { name: 'Watched group' })).body.result;
      await api('post', `/v1/groups/${group.group_id}/members`, { user_ids: [user.id] });
      const added = (await events({ target_id: user.id, action: 'group.members_added' }))[0]!;
      expect(added).toMatchObject({
        actor: { kind: 'service', name: 'Crew planner' },
        target: { kind: 'group', name: 'Watched group' },
        subjects: [{ id: user.id, name: 'watched@example.com' }],
        address: expect.stringContaining('127.0.0.1'),
      });
      const only = async (query: Record<string, string>) =>
        (await events({ limit: '200', ...query })).map(({ event_id }) => event_id);
      for (const query of [
        { target_name: 'watched@example.com' },
        { target_name: 'Watched group' },
        { target_id: group.group_id },
        { target_kind: 'group', action: 'group.members_added' },
        { actor_id: added.actor.id },
        { actor_name: 'Crew planner' },
        { address: added.address },
        { after: String(added.at), before: String(added.at + 1) },
      ] as Record<string, string>[]) {
        expect(await only(query)).toContain(added.event_id);
      }
      for (const query of [
        { target_name: 'watched@example.com', action: 'group.deleted' },
        { actor_name: 'Nobody' },
        { before: String(added.at) },
        { address: '192.0.2.1' },
      ] as Record<string, string>[]) {
        expect(await only(query)).not.toContain(added.event_id);
      }
      const newest = await only({ limit: '5' });
      expect((await only({ sort: 'at', limit: '200' })).slice(-5).reverse()).toEqual(newest);
    });

    it('is followed without missing anything that happens meanwhile', async () => {
      const follow = async (query: Record<string, string>) =>
        (await api('get', '/v1/audit-events/follow').query(query)).body as { result: Event[]; next: string };
      const { next: start } = await follow({ wait: '0' });
      const making = Promise.all(
        Array.from({ length: 30 }, (_, i) => api('post', '/v1/groups', { name: `Followed ${i}` })),
      );
      const seen: string[] = [];
      for (let next = start; seen.length < 30;) {
        const page = await follow({ cursor: next, wait: '10' });
        seen.push(...page.result.map(({ target }) => target.name));
        next = page.next;
      }
      await making;
      expect(seen.sort()).toEqual(Array.from({ length: 30 }, (_, i) => `Followed ${i}`).sort());
    });
  });
});
