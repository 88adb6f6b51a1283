import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { COLUMNS, NEEDED_COLUMNS } from '../../../src/administration/import-export/columns.ts';
import {
  adminToken,
  giveUser,
  giveGroup,
  giveService,
  serviceToken,
  startApp,
  type TestApp,
} from '../../support/app.ts';

describe('import and export over HTTP', () => {
  let test: TestApp;
  let token: string;
  beforeAll(async () => {
    test = await startApp();
    token = await adminToken(test);
  });
  afterAll(() => test.tearDown());

  const upload = (query: string, file: string, headers: Record<string, string> = {}) =>
    test.http
      .post(`/v1/imports?${query}`)
      .set('authorization', `Bearer ${token}`)
      .set('content-type', 'text/csv')
      .set(headers)
      .send(file);
  const get = (path: string) => test.http.get(path).set('authorization', `Bearer ${token}`);

  async function finish(reply: { status: number; body: unknown; headers: Record<string, string> }) {
    if (reply.status !== 202) throw new Error(JSON.stringify(reply.body));
    await test.app.drainJobs();
    return (await get(reply.headers['location']!)).body.result;
  }

  const order = (body: object) => test.http.post('/v1/jobs').set('authorization', `Bearer ${token}`).send(body);

  it('takes a file, tells which rows are faulty, and gives it back as an export', async () => {
    const rows = [
      'username,first_name,groups',
      'ada@example.com,Ada,Pilots',
      'no address,Bob,',
      'grace@example.com,=1+1,Pilots',
    ];
    const file = rows.join('\r\n');
    const dry = await finish(await upload('type=users&create_groups=true&dry_run=true', file));
    expect(dry).toMatchObject({
      status: 'completed_with_failures',
      total: 3,
      outcomes: { created: 2, failed: 1 },
      failures: 1,
    });
    expect(await test.app.database.connection.collection('users').countDocuments()).toBe(0);
    const job = await finish(await upload('type=users&create_groups=true', file));
    expect(job).toMatchObject({
      kind: 'import',
      status: 'completed_with_failures',
      total: 3,
      done: 3,
      outcomes: { created: 2, failed: 1 },
    });
    expect((await get(`/v1/jobs/${job.job_id}/failures`)).body.result).toEqual([
      { item: 'line 3', code: 'faulty_row', detail: expect.stringContaining('username') },
    ]);
    const again = await finish(await upload('type=users&create_groups=true', file));
    expect(again).toMatchObject({ outcomes: { unchanged: 2, failed: 1 } });

    const exported = await finish(await order({ kind: 'export', type: 'users', format: 'csv' }));
    const download = await get(`/v1/jobs/${exported.job_id}/file`);
    expect(download.status).toBe(200);
    expect(download.headers['content-type']).toContain('text/csv');
    expect(download.headers['content-disposition']).toBe('attachment; filename="users.csv"');
    expect(download.text).toContain("'=1+1");
    expect(download.text).not.toContain('password_hash');
    const restored = await finish(await upload('type=users', download.text));
    expect(restored).toMatchObject({ outcomes: { unchanged: 2 }, failures: 0 });
  });

  it('names groups after their parent groups where it is told to, also when a dry run is applied', async () => {
    const file = 'path\n/Red\n/Red/Crew\n/Blue\n/Blue/Crew\n';
    const refused = await finish(await upload('type=groups&dry_run=true', file));
    expect(refused).toMatchObject({ outcomes: { created: 3, failed: 1 } });
    const [failure] = (await get(`/v1/jobs/${refused.job_id}/failures`)).body.result;
    expect(failure).toEqual({
      item: 'line 5',
      code: 'faulty_row',
      detail:
        "path: the name 'Crew' belongs to the group '/Red/Crew'; with rename_groups, this group is created as 'Blue / Crew'",
    });
    const dry = await finish(await upload('type=groups&rename_groups=true&dry_run=true', file));
    const applied = test.http.post(`/v1/jobs/${dry.job_id}/apply`).set('authorization', `Bearer ${token}`);
    expect(await finish(await applied)).toMatchObject({ status: 'succeeded', outcomes: { created: 4 } });
    const groups = await test.app.database.connection
      .collection('groups')
      .find({ name: /Crew|Red|Blue/ })
      .toArray();
    expect(groups.map(({ name }) => name).sort()).toEqual(['Blue', 'Blue / Crew', 'Crew', 'Red']);
  });

  it('does for real what was tried, and nothing else', async () => {
    const apply = (id: string) => test.http.post(`/v1/jobs/${id}/apply`).set('authorization', `Bearer ${token}`);
    const tried = await finish(await upload('type=roles&dry_run=true', 'name\nTried first\n'));
    expect(tried).toMatchObject({ dry_run: true, outcomes: { created: 1 } });
    const done = await finish(await apply(tried.job_id));
    expect(done).toMatchObject({ dry_run: false, status: 'succeeded', outcomes: { created: 1 } });
    expect((await apply(done.job_id)).body).toMatchObject({ status: 409, code: 'not_a_dry_run' });
    expect((await apply('ffffffffffffffff')).body).toMatchObject({ status: 404, code: 'job_not_found' });
  });

  it('fails as a whole when the header cannot be used', async () => {
    const job = await finish(await upload('type=users', 'username,shoe_size\nada@example.com,38\n'));
    expect(job).toMatchObject({ status: 'failed', error: { code: 'unusable_header' }, outcomes: { failed: 1 } });
    const faults = (await get(`/v1/jobs/${job.job_id}/failures`)).body.result;
    expect(faults[0]).toMatchObject({ item: 'line 1', detail: 'shoe_size: is not a column of this type' });
  });

  it('has a manual that names every column', () => {
    const manual = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'import-export.md'), 'utf8');
    const columns = Object.values(COLUMNS).flatMap((each) => Object.keys(each));
    expect(columns.filter((name) => !manual.includes(`\`${name}\``))).toEqual([]);
    const needed = Object.values(NEEDED_COLUMNS).flat();
    expect(needed.filter((name) => !manual.includes(`**\`${name}\`**`))).toEqual([]);
  });

  it('encrypts the files that it keeps', async () => {
    await giveUser(test, 'sealed.away@example.com');
    await finish(await order({ kind: 'export', type: 'users', format: 'jsonl', with_secrets: true }));
    const pieces = await test.app.database.connection.collection('job_files').find().toArray();
    expect(pieces.length).toBeGreaterThan(0);
    for (const { data } of pieces) expect(String(data.buffer)).not.toMatch(/example\.com|argon2/);
  });

  it('gives a file only to who may read what is in it', async () => {
    await giveGroup(test, 'Readable');
    const plain = await finish(await order({ kind: 'export', type: 'groups', format: 'jsonl' }));
    const secret = await finish(await order({ kind: 'export', type: 'users', format: 'jsonl', with_secrets: true }));
    const service = await giveService(test);
    const weak = await serviceToken(
      test,
      service,
      'jobs:read jobs:write groups:read roles:read users:read users:write groups:write',
    );
    const fetch = (id: string) => test.http.get(`/v1/jobs/${id}/file`).set('authorization', `Bearer ${weak}`);
    expect((await fetch(plain.job_id)).status).toBe(200);
    expect((await fetch(secret.job_id)).body).toMatchObject({
      code: 'insufficient_scope',
      detail: expect.stringContaining('secrets:export'),
    });
    const refused = await test.http
      .post('/v1/imports?type=applications')
      .set('authorization', `Bearer ${weak}`)
      .set('content-type', 'text/csv')
      .send('client_id\n');
    expect(refused.body).toMatchObject({ status: 403, code: 'insufficient_scope' });
  });

  it('takes a file once, however often it is sent with one key', async () => {
    const file = 'username\nonce@example.com\n';
    const key = { 'idempotency-key': 'upload-1' };
    const replies = await Promise.all(Array.from({ length: 10 }, () => upload('type=users', file, key)));
    expect(new Set(replies.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(replies[0]!.status).toBe(202);
    expect((await upload('type=users', `${file}other@example.com\n`, key)).status).toBe(422);
  });

  it('says what it does not take', async () => {
    const wrong = await upload('type=users', '{}', { 'content-type': 'application/json' });
    expect(wrong.body).toMatchObject({ status: 415, code: 'wrong_content_type' });
    expect((await upload('', 'username\n')).body).toMatchObject({ status: 400, errors: [{ parameter: 'type' }] });
    const empty = await finish(await upload('type=users', ''));
    expect(empty).toMatchObject({ status: 'succeeded', done: 0 });
  });
});
