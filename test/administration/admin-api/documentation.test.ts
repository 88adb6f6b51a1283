import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { everyGroup } from '../../../src/directory/groups/group-search.ts';
import { giveService, startHouse, type TestHouse } from '../../support/app.ts';

const run = promisify(execFile);
const guide = readFileSync(join(import.meta.dirname, '..', '..', '..', 'docs', 'api.md'), 'utf8');
const commands = [...guide.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);

describe('docs/api.md', () => {
  let test: TestHouse;
  beforeAll(async () => {
    test = await startHouse();
  });
  afterAll(() => test.tearDown());

  it('has commands that work just as they are there, from the top to the bottom', async () => {
    const service = await giveService(test);
    const working = setInterval(() => void test.house.drainJobs().catch(() => {}), 200);
    const folder = mkdtempSync(join(tmpdir(), 'cohort-guide-'));
    const environment = { ...process.env, BASE_URL: test.issuer, CLIENT_ID: service.id, CLIENT_SECRET: service.secret };
    try {
      const script = `set -euo pipefail\n${commands.join('\n')}\necho; echo "all of it"`;
      const { stdout } = await run('bash', ['-c', script], { cwd: folder, env: environment, timeout: 60_000 });
      expect(stdout).toContain('all of it');
      expect(stdout).toContain('"counts":{"added":0,"already_member":1,"no_such_user":1,"not_a_customer":0}');
      expect(readFileSync(join(folder, 'users.jsonl'), 'utf8')).toContain('hedy@example.com');
    } finally {
      clearInterval(working);
    }
    await test.house.drainJobs();
    const { items } = await test.house.groups.search(everyGroup, { list: '', limit: 10 });
    expect(items.map(({ name }) => name)).toEqual(['Diwali wishes']);
    await test.house.mail.deliverDue();
    const letters = await test.house.database.connection.collection('mailbox').find().toArray();
    expect(letters.map(({ to, subject }) => `${to}: ${subject}`)).toEqual(['ada@example.com: Champions again, Ada!']);
  }, 90_000);
});
