import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, mongodOf, root, run, setupLinkOf, startProcess, until } from '../support/process.ts';

describe('the process', () => {
  it('prints the issuer, the API and a link for the first owner, and beside it the command line makes a service', async () => {
    const cohort = await startProcess();
    try {
      expect(cohort.output()).toContain(`Issuer:       ${cohort.issuer}`);
      expect(cohort.output()).toContain(`${cohort.issuer}/v1`);
      const link = setupLinkOf(cohort);
      expect((await fetch(link)).status).toBe(200);

      const environment = { ...process.env, COHORT_ISSUER: cohort.issuer, COHORT_DATA_DIR: cohort.dataDir };
      const password = join(cohort.dataDir, 'password');
      writeFileSync(password, 'Cohort#2026\n');
      const { stdout } = await run(
        process.execPath,
        [
          'src/cli/cohort.ts',
          'bootstrap',
          '--owner-email',
          'olive@example.com',
          '--owner-password-file',
          password,
          '--service',
          'ci',
          '--scopes',
          'groups:read groups:write',
        ],
        { cwd: root, env: environment },
      );
      const made = JSON.parse(stdout) as {
        owner: { username: string };
        service: { client_id: string; client_secret: string; scopes: string[] };
      };
      expect(made).toMatchObject({
        issuer: cohort.issuer,
        owner: { username: 'olive@example.com' },
        service: { scopes: ['groups:read', 'groups:write'] },
      });
      const credentials = Buffer.from(`${made.service.client_id}:${made.service.client_secret}`).toString('base64');
      const token = await fetch(`${cohort.issuer}/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${credentials}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'groups:read' }),
      });
      expect(token.status).toBe(200);
      expect((await fetch(link)).status).toBe(400);
    } finally {
      expect(await cohort.stop()).toBe(0);
    }
  });

  it('makes the first owner that the configuration names, once', async () => {
    const owner = { COHORT_OWNER_EMAIL: 'olive@example.com', COHORT_OWNER_PASSWORD: 'Cohort#2026' };
    const first = await startProcess(owner);
    expect(first.output()).toContain('olive@example.com');
    expect(first.output()).not.toContain('/setup/');
    await first.stop();
    const second = await startProcess(owner, first.dataDir);
    expect(second.output()).not.toContain('First owner');
    await second.stop();
  });

  it('loses nothing that it acknowledged when it is killed, and starts again on the same data', async () => {
    const cohort = await startProcess();
    const link = setupLinkOf(cohort);
    const body = new URLSearchParams({
      email: 'olive@example.com',
      password: 'Cohort#2026',
      password_again: 'Cohort#2026',
    });
    expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
    const keys = await (await fetch(`${cohort.issuer}/jwks`)).text();
    await cohort.stop('SIGKILL');
    const again = await startProcess({}, cohort.dataDir);
    try {
      expect(again.output()).not.toContain('/setup/');
      expect(await (await fetch(`${again.issuer}/jwks`)).text()).toBe(keys);
    } finally {
      await again.stop();
    }
  });

  it('shares its port among workers, counts them together, replaces one that dies, and leaves nobody behind', async () => {
    const cohort = await startProcess({ COHORT_WORKERS: '2' });
    const workers = async () => {
      const { stdout } = await run('ps', ['-o', 'pid=,args=', '--ppid', String(cohort.child.pid)]);
      return stdout
        .split('\n')
        .filter((line) => line.includes('main.js'))
        .map((line) => parseInt(line, 10));
    };
    const [first, second, ...none] = await workers();
    expect(none).toEqual([]);
    await Promise.all(Array.from({ length: 20 }, () => fetch(`${cohort.issuer}/jwks`)));
    const metrics = await (await fetch(`${cohort.issuer}/metrics`)).text();
    expect(metrics).toMatch(/cohort_http_request_duration_seconds_count\{[^}]*area="jwks"[^}]*\} 20/);

    process.kill(first!, 'SIGKILL');
    await until(async () => (await workers()).filter((pid) => pid !== first).length === 2);
    // A connection of its own: one that was kept alive may lead to the worker that is gone.
    const { stdout: ready } = await run('curl', ['-s', `${cohort.issuer}/readyz`]);
    expect(JSON.parse(ready)).toMatchObject({ status: 'ready' });
    const last = await workers();
    const database = mongodOf(cohort.dataDir);
    expect(await cohort.stop()).toBe(0);
    for (const pid of [...last, second!, database]) expect(isAlive(pid)).toBe(false);
  });

  it('says in a sentence what is wrong with its settings, all of it, and ends', async () => {
    const environment = { ...process.env, COHORT_PORT: 'abc', COHORT_ISUER: 'x' };
    const failed = await run(process.execPath, ['src/main.js'], { cwd: root, env: environment }).catch(
      (error: { code: number; stderr: string }) => error,
    );
    expect(failed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/COHORT_PORT must be a whole number[\s\S]*COHORT_ISUER is not a setting/),
    });
    expect((failed as { stderr: string }).stderr).not.toContain('    at ');
  });
});
