import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startApp, type TestApp } from '../../support/app.ts';
import { newFolder } from '../../support/process.ts';
import { runCohort, usersFile } from './cohort-command.ts';
import { collection } from './files.ts';

let test: TestApp;
const folder = newFolder();
const inFolder = (name: string) => join(folder, name);

beforeAll(async () => {
  test = await startApp();
});
afterAll(() => test.tearDown());

// `command-line.exhaustive.test.ts` kills it in the middle.
describe('npx cohort import', () => {
  it('names groups after their parent groups with --rename-groups, and takes a file with paths for one of groups', async () => {
    await writeFile(inFolder('tree.csv'), 'path\n/Red\n/Red/Crew\n/Blue\n/Blue/Crew\n');
    const run = await runCohort(test, ['import', inFolder('tree.csv'), '--rename-groups']);
    expect(run.stdout).toBe('groups: 4 created, 0 updated, 0 unchanged, 0 faulty.\n');
  });

  it('lists faulty rows, ends with 2, and writes nothing in a dry run', async () => {
    const csv = `username,first_name\nada@example.com,Ada\n${'nobody,\n'.repeat(103)}`;
    await writeFile(inFolder('people.csv'), csv);
    const run = await runCohort(test, [
      'import',
      inFolder('people.csv'),
      '--dry-run',
      '--faults',
      inFolder('faults.jsonl'),
    ]);
    expect(run.code).toBe(2);
    expect(run.stdout).toBe(
      'Dry run, nothing was written. users: completed with failures: 1 created, 0 updated, 0 unchanged, 103 faulty.\n',
    );
    expect(run.stderr).toContain('line 3: username must be a valid email\n');
    expect(run.stderr).toContain(`… and 3 more faulty rows. See all of them in ${inFolder('faults.jsonl')}.`);
    const faults = (await readFile(inFolder('faults.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(faults).toHaveLength(103);
    expect(faults[0]).toEqual({ line: 3, column: 'username', reason: 'must be a valid email' });
    expect(await collection(test, 'users').countDocuments({ username: 'ada@example.com' })).toBe(0);
  });

  it('asks when the type or the format is not clear', async () => {
    await writeFile(inFolder('things.csv'), 'name,description\nStaff,\n');
    await writeFile(inFolder('things.txt'), '');
    const unclear = await runCohort(test, ['import', inFolder('things.csv')]);
    expect(unclear.code).toBe(1);
    expect(unclear.stderr).toContain('The type of the records could not be detected. Use --type roles, --type groups');
    expect((await runCohort(test, ['import', inFolder('things.txt')])).stderr).toContain(
      'The format of the file could not be detected. Use --format jsonl or',
    );
    await writeFile(inFolder('my-groups.csv'), 'name,description\nStaff,\n');
    expect((await runCohort(test, ['import', inFolder('my-groups.csv')])).stdout).toBe(
      'groups: 1 created, 0 updated, 0 unchanged, 0 faulty.\n',
    );
  });
});

describe('npx cohort export', () => {
  it('makes a file for its owner only, and takes back what it wrote', async () => {
    const test = await startApp();
    await runCohort(test, ['import', '-', '--type', 'users', '--format', 'jsonl', '--create-groups'], usersFile(20));
    const file = inFolder('users.csv');
    const { code, stderr } = await runCohort(test, ['export', file, '--type', 'users', '--with-secrets']);
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'users: 20 exported.' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await runCohort(test, ['import', file])).stdout).toBe(
      'users: 0 created, 0 updated, 20 unchanged, 0 faulty.\n',
    );
    const { stdout } = await runCohort(test, ['export', '-', '--type', 'groups']);
    expect(stdout.trim().split('\n')).toHaveLength(7);
    await test.tearDown();
  });
});

describe('what is typed wrong', () => {
  it.each([
    [['import', '/nowhere/people.csv'], '/nowhere/people.csv does not exist.'],
    [['registration-token', '--hours', 'abc'], 'a whole number from 1 to 8760'],
    [['registration-token', '--hours=-5'], 'a whole number from 1 to 8760'],
    [['registration-token', '--hours', '9000'], 'a whole number from 1 to 8760'],
    [
      ['bootstrap', '--service', 'Robot', '--scopes', 'groups:read everything'],
      '--scopes: everything: unknown. The scopes are:',
    ],
  ])('is named: %j', async (args, sentence) => {
    const { code, stderr } = await runCohort(test, args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('    at ');
  });
});
