import { serviceWith, type Caller, type Outcome } from '../../support/actors.ts';
import { giveApplication, giveUser, giveService, startApp, type TestApp } from '../../support/app.ts';

/** Whoever has a secret can do what its owner can, so it goes to nobody who could not do that before. */
describe('an export with secrets', () => {
  let test: TestApp;
  beforeEach(async () => {
    test = await startApp();
  });
  afterEach(() => test.tearDown());

  const EXPORTS = ['jobs:write', 'jobs:read', 'secrets:export', 'users:read', 'groups:read', 'applications:read'];
  const STRONGER = ['administrators:write', 'mail:send'];

  async function exportAs(caller: Caller, type: string, format = 'jsonl') {
    const body = { kind: 'export', type, format, with_secrets: true };
    const { body: reply } = await caller.call({ name: 'post /v1/jobs', body });
    await test.app.drainJobs();
    return { job_id: (reply as { result: { job_id: string } }).result.job_id };
  }

  const read = (caller: Caller, name: string, params: Record<string, string>): Promise<Outcome> =>
    caller.call({ name: `get /v1/jobs/{job_id}${name}`, params });

  async function fileOf(jobId: string): Promise<string> {
    const parts: Buffer[] = [];
    for await (const bytes of test.app.jobFiles.openFrom(jobId, 0)) parts.push(bytes);
    return Buffer.concat(parts).toString();
  }

  it.each(['jsonl', 'csv'])(
    'leaves out the secret of a service that may do more than the actor (%s)',
    async (format) => {
      const strong = await giveService(test, STRONGER);
      const equal = await giveService(test, ['users:read']);
      const web = await giveApplication(test);
      const caller = await serviceWith(test, EXPORTS);
      const params = await exportAs(caller, 'applications', format);
      const { body } = await read(caller, '/failures', params);
      expect(body).toMatchObject({
        result: [
          {
            code: 'secret_withheld',
            item: 'Crew planner',
            detail: 'client_secret: left out, because it requires the scope administrators:write mail:send',
          },
        ],
      });
      const file = await fileOf(params.job_id);
      expect([file.includes(strong.secret), file.includes(strong.id)]).toEqual([false, true]);
      for (const { secret } of [equal, web, caller]) expect(file).toContain(secret);
      expect((await read(caller, '/file', params)).status).toBe(200);
    },
  );

  it('leaves out the password of an administrator who may do more than the actor', async () => {
    const owner = await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    await giveUser(test, 'ada@example.com');
    const caller = await serviceWith(test, EXPORTS);
    const params = await exportAs(caller, 'users');
    const rows = (await fileOf(params.job_id)).trim().split('\n');
    const hashes = rows.map((row) => JSON.parse(row) as Record<string, unknown>);
    const hashOf = (username: string) => hashes.find((row) => row['username'] === username)?.['password_hash'];
    expect(hashOf('ada@example.com')).toMatch(/^\$argon2id\$/);
    expect(hashOf(owner.username)).toBeUndefined();
    expect((await read(caller, '/failures', params)).body).toMatchObject({
      result: [
        { code: 'secret_withheld', item: 'owner@example.com', detail: expect.stringMatching(/^password_hash, /) },
      ],
    });
  });

  it('has its file for those alone who may do all that its secrets allow', async () => {
    await giveService(test, STRONGER);
    await giveUser(test, 'owner@example.com', { kind: 'administrator' });
    const all = await serviceWith(test, Object.keys(test.app.scopes));
    const weak = await serviceWith(test, EXPORTS);
    for (const type of ['applications', 'users']) {
      const params = await exportAs(all, type);
      expect((await read(all, '/file', params)).status).toBe(200);
      expect(await read(weak, '', params)).toMatchObject({ status: 200, body: { result: { failures: 0 } } });
      expect(await read(weak, '/file', params)).toMatchObject({
        status: 403,
        code: 'insufficient_scope',
        detail: expect.stringContaining('administrators:write'),
      });
    }
  });
});
