import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseUri, startHouse, type TestHouse } from '../../support/app.ts';
import { collection, documents } from './files.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const node = join(root, 'node_modules', '.bin', 'node');

let folder: string;
let test: TestHouse;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cohort-transfer-'));
  test = await startHouse();
});
afterEach(async () => {
  await test.tearDown();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

const inFolder = (name: string) => join(folder, name);

function start(args: string[], uri = test.uri): ChildProcess {
  return spawn(node, [join(root, 'src', 'cli', 'cohort.ts'), ...args], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      MONGODB_URI: uri,
      COHORT_ENCRYPTION_KEYS: `test:${Buffer.alloc(32, 7).toString('base64')}`,
    },
  });
}

async function cohort(args: string[], input?: string) {
  const child = start(args);
  let stdout = '';
  let stderr = '';
  child.stdout!.on('data', (text) => (stdout += String(text)));
  child.stderr!.on('data', (text) => (stderr += String(text)));
  child.stdin!.end(input ?? '');
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr };
}

const users = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    JSON.stringify({ username: `user${n}@example.com`, groups: [`Group ${n % 7}`] }),
  ).join('\n');

/** People and their groups by name, without what differs from one import to the next. */
async function peopleOf(house: TestHouse) {
  const names = new Map(
    (await documents(house, 'groups')).map((group) => [String(group._id), group['name'] as string]),
  );
  const people = (await collection(house, 'users').find({}).sort({ username: 1 }).toArray()) as unknown as {
    username: string;
    status: string;
    memberships: { group: string }[];
  }[];
  return people.map(({ username, status, memberships }) => ({
    username,
    status,
    groups: memberships.map(({ group }) => names.get(group)),
  }));
}

describe('npx cohort import', () => {
  it('killed in the middle and run again comes to the same as an undisturbed import', async () => {
    const file = inFolder('users.jsonl');
    await writeFile(file, users(6000));
    const killed = start(['import', file, '--create-groups']);
    const people = collection(test, 'users');
    while ((await people.countDocuments()) < 1000) await pause(5);
    killed.kill('SIGKILL');
    await once(killed, 'close');
    const half = await people.countDocuments();
    expect(half % 500).toBe(0);
    expect(half).toBeLessThan(6000);

    const { code, stdout } = await cohort(['import', file, '--create-groups']);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: `users: ${6000 - half} created, 0 updated, ${half} unchanged, 0 faulty.\n`,
    });
    const undisturbed = await startHouse({ uri: databaseUri() });
    try {
      const child = start(['import', file, '--create-groups'], undisturbed.uri);
      await once(child, 'close');
      expect(await peopleOf(test)).toEqual(await peopleOf(undisturbed));
    } finally {
      await undisturbed.tearDown();
    }
  });

  it('lists faulty rows, ends with 1, and writes nothing in a dry run', async () => {
    const csv = `username,first_name\nada@example.com,Ada\n${'nobody,\n'.repeat(103)}`;
    await writeFile(inFolder('people.csv'), csv);
    const run = await cohort(['import', inFolder('people.csv'), '--dry-run', '--faults', inFolder('faults.jsonl')]);
    expect(run.code).toBe(1);
    expect(run.stdout).toBe('Dry run, nothing was written. users: 1 created, 0 updated, 0 unchanged, 103 faulty.\n');
    expect(run.stderr).toContain('line 3: username must be a valid email\n');
    expect(run.stderr).toContain(`… and 3 more faulty rows. See all of them in ${inFolder('faults.jsonl')}.`);
    const faults = (await readFile(inFolder('faults.jsonl'), 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(faults).toHaveLength(103);
    expect(faults[0]).toEqual({ line: 3, column: 'username', reason: 'must be a valid email' });
    expect(await documents(test, 'users')).toEqual([]);
  });

  it('asks when the type or the format is not clear', async () => {
    await writeFile(inFolder('things.csv'), 'name,description\nStaff,\n');
    await writeFile(inFolder('things.txt'), '');
    const unclear = await cohort(['import', inFolder('things.csv')]);
    expect(unclear.code).toBe(1);
    expect(unclear.stderr).toContain('The type of the records could not be detected. Use --type roles, --type groups');
    expect((await cohort(['import', inFolder('things.txt')])).stderr).toContain(
      'The format of the file could not be detected. Use --format jsonl or',
    );
    await writeFile(inFolder('my-groups.csv'), 'name,description\nStaff,\n');
    expect((await cohort(['import', inFolder('my-groups.csv')])).stdout).toBe(
      'groups: 1 created, 0 updated, 0 unchanged, 0 faulty.\n',
    );
  });
});

describe('npx cohort export', () => {
  it('makes a file for its owner only, and takes back what it wrote', async () => {
    await cohort(['import', '-', '--type', 'users', '--format', 'jsonl', '--create-groups'], users(20));
    const file = inFolder('users.csv');
    const { code, stderr } = await cohort(['export', file, '--type', 'users', '--with-secrets']);
    expect({ code, last: stderr.trim().split('\n').at(-1) }).toEqual({ code: 0, last: 'users: 20 exported.' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await cohort(['import', file])).stdout).toBe('users: 0 created, 0 updated, 20 unchanged, 0 faulty.\n');
    const { stdout } = await cohort(['export', '-', '--type', 'groups']);
    expect(stdout.trim().split('\n')).toHaveLength(7);
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
    const { code, stderr } = await cohort(args);
    expect([code, stderr]).toEqual([1, expect.stringContaining(sentence)]);
    expect(stderr).not.toContain('    at ');
  });
});
