import { system, type Actor } from '../../../src/platform/actor.ts';
import { FileTooLarge } from '../../../src/administration/import-export/files.ts';
import type { JobOrder, JobStep } from '../../../src/platform/jobs/job-type.ts';
import { giveGroup, giveUser, startApp, type TestApp } from '../../support/app.ts';
import { collection, documents, exportText, pieces } from './files.ts';

const FILE = '00000000000000f1';
const JOB = '00000000000000a1';

let test: TestApp;
beforeEach(async () => {
  test = await startApp();
});
afterEach(() => test.tearDown());

function kind(name: 'import' | 'export') {
  const found = test.app.jobTypes.find((work) => work.kind === name)!;
  const order = (input: Record<string, unknown>, actor: Actor = system) =>
    ({ jobId: JOB, input: found.input.parse(input), actor }) as unknown as JobOrder<never>;
  return { work: found, order };
}

class Lost extends Error {}

/** Runs a job as whoever runs jobs does; every transaction is lost once before it counts when `losesFirst`. */
async function run(name: 'import' | 'export', input: Record<string, unknown>, { losesFirst = false } = {}) {
  const { work, order } = kind(name);
  const { transact } = test.app.database;
  const steps: JobStep[] = [];
  let checkpoint: unknown;
  do {
    const step = () => work.step(order(input), checkpoint);
    if (losesFirst) {
      const lost = transact(async () => {
        await step();
        throw new Lost();
      });
      await expect(lost).rejects.toThrow(Lost);
    }
    const done = await transact(step);
    steps.push(done);
    // As it is kept between two steps.
    checkpoint = JSON.parse(JSON.stringify(done.checkpoint));
  } while (!steps.at(-1)!.isLast);
  return steps;
}

const upload = (text: string, maxBytes = 10_000_000, pieceBytes = 1000) =>
  test.app.jobFiles.write(FILE, pieces(Buffer.from(text), pieceBytes), maxBytes);

async function download(id: string, from = 0): Promise<string> {
  const parts: Buffer[] = [];
  for await (const bytes of test.app.jobFiles.openFrom(id, from)) parts.push(bytes);
  return Buffer.concat(parts).toString();
}

describe('a job that imports', () => {
  const row = (n: number) => `${n === 700 ? 'nobody' : `user${n}@example.com`},"two\nlines",Staff`;
  const csv = (count: number) =>
    `username,custom_data.note,groups\n${Array.from({ length: count }, (_, n) => row(n)).join('\n')}\n`;

  it('doubles and loses nothing when each step is lost once and repeated', async () => {
    await giveGroup(test, 'Staff');
    await upload(csv(1250));
    const steps = await run('import', { type: 'users', format: 'csv', file_id: FILE }, { losesFirst: true });
    expect(steps.map(({ done }) => done)).toEqual([500, 500, 250]);
    expect(steps.map(({ outcomes }) => outcomes['created'])).toEqual([500, 499, 250]);
    expect(steps.flatMap(({ failures }) => failures)).toEqual([
      { item: 'line 1402', code: 'faulty_row', detail: 'username: must be a valid email' },
    ]);
    const people = await documents(test, 'users');
    expect(people).toHaveLength(1249);
    for (const { memberships, customData } of people) {
      expect(memberships).toHaveLength(1);
      expect(customData).toEqual({ note: 'two\nlines' });
    }
    expect(await collection(test, 'audit_events').countDocuments({ action: 'users.imported' })).toBe(3);
  });

  it('needs the scopes of what it writes, and a file that is there', async () => {
    const input = { type: 'users', format: 'csv', file_id: FILE };
    const start = (...scopes: string[]) =>
      test.app.jobs.order(
        { kind: 'service', id: 'crew', name: 'Crew', scopes: new Set(['jobs:write', ...scopes]) },
        'import',
        input,
      );
    await expect(start('users:write')).rejects.toMatchObject({ code: 'insufficient_scope' });
    await expect(start('users:write', 'groups:write')).rejects.toMatchObject({ code: 'unknown_file' });
    await upload('username\n');
    await start('users:write', 'groups:write');
  });
});

describe('a job that exports', () => {
  it('writes the same file as the command line, when each step is lost once and repeated', async () => {
    const users = Array.from({ length: 2100 }, (_, n) => ({
      _id: n.toString(16).padStart(16, '0'),
      kind: 'customer',
      username: `user${n}@example.com`,
      firstName: 'x'.repeat(300),
      lastName: '',
      status: 'invited',
      customData: {},
      memberships: [],
      createdAt: new Date(0),
      updatedAt: new Date(0),
    }));
    await collection(test, 'users').insertMany(users as never);
    const steps = await run('export', { type: 'users', format: 'csv' }, { losesFirst: true });
    expect(steps.map(({ done }) => done)).toEqual([1000, 1000, 100]);
    expect(await download(JOB)).toBe(await exportText(test, 'users', { format: 'csv' }));
    const chunks = await documents(test, 'job_files');
    expect(Math.max(...chunks.map(({ data }) => (data as { length(): number }).length()))).toBeLessThanOrEqual(
      // And what encryption adds.
      256 * 1024 + 64,
    );
  });

  it('gives secrets only to whoever has the scope for them', async () => {
    await giveUser(test, 'ada@example.com');
    const scopes = new Set(['jobs:write', 'users:read', 'groups:read']);
    const reader: Actor = { kind: 'service', id: 'crew', name: 'Crew', scopes };
    await test.app.jobs.order(reader, 'export', { type: 'users' });
    await expect(test.app.jobs.order(reader, 'export', { type: 'users', with_secrets: true })).rejects.toMatchObject({
      code: 'insufficient_scope',
      message: 'This request requires the scope secrets:export.',
    });
    await run('export', { type: 'users' });
    expect(await download(JOB)).not.toContain('argon2');
  });

  it('of nothing is an empty file', async () => {
    await run('export', { type: 'groups' });
    expect(await test.app.jobFiles.size(JOB)).toBe(0);
    expect(await download(JOB)).toBe('');
  });
});

describe('a file of a job', () => {
  it('is read from any byte on', async () => {
    const text = Array.from({ length: 100_000 }, (_, n) => `${n}\n`).join('');
    expect(await upload(text, 10_000_000, 70_001)).toBe(text.length);
    expect(await test.app.jobFiles.size(FILE)).toBe(text.length);
    for (const from of [0, 1, 262_143, 262_144, 262_145, 524_288, text.length - 1, text.length, text.length + 1])
      expect(await download(FILE, from)).toBe(text.slice(from));
    await test.app.jobFiles.remove(FILE);
    expect(await test.app.jobFiles.size(FILE)).toBeUndefined();
    expect(await download(FILE)).toBe('');
  });

  it('that is too large, or breaks off, leaves nothing behind', async () => {
    await expect(upload('x'.repeat(600_000), 500_000)).rejects.toMatchObject({ code: FileTooLarge.code });
    async function* broken() {
      yield await Promise.resolve(Buffer.alloc(300_000));
      throw new Lost();
    }
    await expect(test.app.jobFiles.write(FILE, broken(), 1_000_000)).rejects.toThrow(Lost);
    expect(await documents(test, 'job_files')).toEqual([]);
  });

  it('expires after seven days by itself', async () => {
    await upload('x');
    const [chunk] = await documents(test, 'job_files');
    const days = ((chunk!['expiresAt'] as Date).getTime() - Date.now()) / (24 * 3600 * 1000);
    expect(days).toBeGreaterThan(6.9);
    expect(days).toBeLessThanOrEqual(7);
    const indexes = await collection(test, 'job_files').indexes();
    expect(indexes).toContainEqual(expect.objectContaining({ key: { expiresAt: 1 }, expireAfterSeconds: 0 }));
  });
});
