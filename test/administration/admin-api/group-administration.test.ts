import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { adminToken, giveUser, startApp, type TestApp } from '../../support/app.ts';

const run = promisify(execFile);
const ID = /^[0-9a-f]{16}$/;

describe('the Groups API, as its guide walks through it with curl', () => {
  let test: TestApp;
  let token: string;
  let groupId: string;
  let userId: string;

  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
    userId = (await giveUser(test, 'ada@example.com', { firstName: 'Ada', lastName: 'Lovelace' })).id;
  });
  afterAll(() => test.tearDown());

  async function curl(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: { result: never; next?: string | null } }> {
    const data = body ? ['-H', 'Content-Type: application/json', '-d', JSON.stringify(body)] : [];
    const { stdout } = await run('curl', [
      '-s',
      '-w',
      '\n%{http_code}',
      '-X',
      method,
      `${test.issuer}${path}`,
      '-H',
      `Authorization: Bearer ${token}`,
      ...data,
    ]);
    const lines = stdout.split('\n');
    const status = Number(lines.pop());
    return { status, body: lines.join('') ? JSON.parse(lines.join('\n')) : undefined };
  }

  it('creates a group', async () => {
    const sent = {
      name: 'FC Barcelona fans',
      description: 'FC Barcelona fans across EMEA',
      custom_data: { started_tracking: '2019-08-24T14:15:22Z', nested: { deep: [1] } },
    };
    const { status, body } = await curl('POST', '/v1/groups', sent);
    expect(status).toBe(201);
    expect(body.result).toEqual({
      ...sent,
      group_id: expect.stringMatching(ID),
      former_names: [],
      parent_id: null,
      requires_second_factor: false,
      end_notice_days: null,
      created_at: expect.any(Number),
      updated_at: expect.any(Number),
      role_ids: [],
    });
    const { group_id: id, created_at: createdAt } = body.result as { group_id: string; created_at: number };
    expect(Math.abs(createdAt - Date.now() / 1000)).toBeLessThan(60);
    groupId = id;
  });

  it('adds users to it', async () => {
    const { status, body } = await curl('POST', `/v1/groups/${groupId}/members`, { user_ids: [userId] });
    expect(status).toBe(200);
    expect(body.result).toMatchObject({ counts: { added: 1 }, items: [{ user_id: userId, outcome: 'added' }] });
    expect((await curl('POST', `/v1/groups/${groupId}/members`, { user_ids: [userId] })).body.result).toMatchObject({
      counts: { added: 0, already_member: 1 },
    });
  });

  it('fetches the groups of a user', async () => {
    const { body } = await curl('GET', `/v1/users/${userId}/groups`);
    expect(body.result).toEqual([
      expect.objectContaining({
        group_id: groupId,
        name: 'FC Barcelona fans',
        description: 'FC Barcelona fans across EMEA',
      }),
    ]);
  });

  it('fetches the users of a group, entire profiles', async () => {
    const { body } = await curl('GET', `/v1/groups/${groupId}/members`);
    expect(body).toEqual({
      result: [
        {
          user_id: userId,
          admin_roles: [],
          admin_scope: null,
          username: 'ada@example.com',
          first_name: 'Ada',
          last_name: 'Lovelace',
          kind: 'customer',
          status: 'active',
          picture: null,
          locale: null,
          zoneinfo: null,
          middle_name: null,
          nickname: null,
          profile: null,
          website: null,
          gender: null,
          birthdate: null,
          phone_number: null,
          phone_number_verified: false,
          address: null,
          membership: {
            since: expect.any(Number),
            by: expect.any(String),
            source: 'service',
            job_id: null,
            from: null,
            until: null,
          },
          password_is_temporary: false,
          custom_data: {},
          created_at: expect.any(Number),
          updated_at: expect.any(Number),
          last_sign_in_at: null,
        },
      ],
      next: null,
      previous: null,
    });
  });

  it('retrieves all groups, gets one, updates it', async () => {
    expect((await curl('GET', '/v1/groups')).body.result).toHaveLength(1);
    const updated = await curl('PATCH', `/v1/groups/${groupId}`, { description: 'Everywhere', custom_data: {} });
    expect(updated.body.result).toMatchObject({
      name: 'FC Barcelona fans',
      description: 'Everywhere',
      custom_data: {},
    });
    expect((await curl('GET', `/v1/groups/${groupId}`)).body.result).toEqual(updated.body.result);
  });

  it('removes users from a group, and deletes it', async () => {
    const { body } = await curl('DELETE', `/v1/groups/${groupId}/members`, { user_ids: [userId, 'ffffffffffffffff'] });
    expect(body.result).toMatchObject({ counts: { removed: 1, no_such_user: 1 } });
    expect((await curl('DELETE', `/v1/groups/${groupId}`)).status).toBe(204);
    expect((await curl('GET', `/v1/groups/${groupId}`)).status).toBe(404);
  });
});
