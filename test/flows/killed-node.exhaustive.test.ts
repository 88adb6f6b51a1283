import { giveUser, PASSWORD, startApp } from '../support/app.ts';
import { databaseUri } from '../support/database.ts';
import { startMailServer } from '../support/mail-server.ts';
import { root, run, startProcess, until, type Started } from '../support/process.ts';

const PEOPLE = 12_000;

/** What the tests read of the API's replies. */
interface Job {
  job_id: string;
  status: string;
  done: number;
  total: number;
  outcomes: Record<string, number>;
}

/** A running Cohort with a service that may do everything. */
async function connect(cohort: Started) {
  const environment = { ...process.env, COHORT_ISSUER: cohort.issuer, COHORT_DATA_DIR: cohort.dataDir };
  const cli = ['src/cli/cohort.ts', 'bootstrap', '--service', 'kill test'];
  const { stdout } = await run(process.execPath, cli, { cwd: root, env: environment });
  const { service } = JSON.parse(stdout) as { service: { client_id: string; client_secret: string; scopes: string[] } };
  return async (at: Started) => {
    const credentials = Buffer.from(`${service.client_id}:${service.client_secret}`).toString('base64');
    const body = new URLSearchParams({ grant_type: 'client_credentials', scope: service.scopes.join(' ') });
    const headers = { authorization: `Basic ${credentials}` };
    const reply = await fetch(`${at.issuer}/token`, { method: 'POST', headers, body });
    const { access_token: token } = (await reply.json()) as { access_token: string };
    return async <T>(method: string, path: string, content?: string, type = 'application/json'): Promise<T> => {
      const sent = content === undefined ? {} : { body: content, headers: { 'content-type': type } };
      const answer = await fetch(`${at.issuer}${path}`, {
        method,
        ...sent,
        headers: { authorization: `Bearer ${token}`, ...sent.headers },
      });
      if (!answer.ok) throw new Error(await answer.text());
      return ((await answer.json()) as { result: T }).result;
    };
  };
}

describe('a node that is killed in the middle of long work', () => {
  it('is followed by one that goes on: an import and a batch end as if nothing had happened', async () => {
    const settings = { COHORT_API_REQUESTS_PER_MINUTE: '100000' };
    const first = await startProcess(settings);
    const tokenFor = await connect(first);
    const before = await tokenFor(first);
    const { group_id: group } = await before<{ group_id: string }>('POST', '/v1/groups', '{"name":"Everybody"}');
    const rows = Array.from({ length: PEOPLE }, (_, index) => `user${index}@example.com,Ada ${index},Imported`);
    const file = ['username,first_name,groups', ...rows].join('\n');
    const imported = await before<Job>('POST', '/v1/imports?type=users&create_groups=true', file, 'text/csv');
    const progress = async (api: typeof before, { job_id: id }: Job) => api<Job>('GET', `/v1/jobs/${id}`);
    while ((await progress(before, imported)).done < PEOPLE / 4);
    await first.stop('SIGKILL');

    const second = await startProcess(settings, first.dataDir);
    const between = await tokenFor(second);
    const interrupted = await progress(between, imported);
    expect(interrupted.status).toBe('running');
    expect(interrupted.done).toBeLessThan(PEOPLE);
    let job = interrupted;
    while (job.status === 'running') job = await progress(between, imported);
    expect(job).toMatchObject({ status: 'succeeded', done: PEOPLE, total: PEOPLE, outcomes: { created: PEOPLE } });

    const order = { kind: 'add_to_group', group_id: group, select: { search: { q: 'user' } } };
    const batch = await between<Job>('POST', '/v1/jobs', JSON.stringify(order));
    while ((await progress(between, batch)).done < PEOPLE / 4);
    await second.stop('SIGKILL');

    const third = await startProcess(settings, first.dataDir);
    try {
      const after = await tokenFor(third);
      expect((await progress(after, batch)).status).toBe('running');
      let resumed = await progress(after, batch);
      while (resumed.status === 'running') resumed = await progress(after, batch);
      expect(resumed).toMatchObject({ status: 'succeeded', done: PEOPLE, total: PEOPLE, outcomes: { added: PEOPLE } });
      const query = `target_id=${group}&action=group.members_added&limit=200`;
      const events = await after<{ subjects: { id: string }[] }[]>('GET', `/v1/audit-events?${query}`);
      const added = events.flatMap(({ subjects }) => subjects.map(({ id }) => id));
      expect([added.length, new Set(added).size]).toEqual([PEOPLE, PEOPLE]);
    } finally {
      await third.stop();
    }
  });
});

describe('a node that is killed after its response', () => {
  it('loses no email: the next one sends it', async () => {
    const uri = databaseUri();
    const mailServer = await startMailServer();
    const settings = {
      COHORT_SELF_REGISTRATION: 'open',
      COHORT_SMTP_URL: `smtp://127.0.0.1:${mailServer.port}`,
      COHORT_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
      COHORT_DATABASE: new URL(uri).pathname.slice(1),
      MONGODB_URI: uri,
    };
    const test = await startApp({ uri });
    await giveUser(test, 'ada@example.com');
    const { issuer, stop } = await startProcess(settings);
    const post = (path: string, fields: Record<string, string>) =>
      fetch(`${issuer}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers: { origin: issuer } });
    const fields = { password: PASSWORD, password_again: PASSWORD };
    const replies = await Promise.all([
      post('/recover', { email: 'ada@example.com' }),
      post('/register', { email: 'grace@example.com', ...fields }),
    ]);
    await stop('SIGKILL');
    expect(replies.map(({ status }) => status)).toEqual([200, 200]);

    const second = await startProcess(settings);
    const deadline = Date.now() + 30_000;
    await until(() => mailServer.emails.length === 2 || Date.now() > deadline);
    await second.stop();
    expect(mailServer.emails.map(({ recipients }) => recipients[0]).sort()).toEqual([
      'ada@example.com',
      'grace@example.com',
    ]);
    await test.tearDown();
    await mailServer.stop();
  });
});
