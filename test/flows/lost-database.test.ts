import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { findMongod } from '../../src/platform/db/embedded/find-mongod.ts';
import { startProcess, type Started } from '../support/process.ts';

/** A server that starts only while nothing is the matter, as when a disk is full for a while. */
async function brokenAtWill() {
  const folder = mkdtempSync(join(tmpdir(), 'cohort-lost-'));
  const cacheDir = process.env['COHORT_CACHE_DIR'] ?? join(homedir(), '.cache', 'cohort');
  const path = process.env['PATH'] ?? '';
  const mongod = await findMongod({ binary: process.env['MONGOD_BINARY'], path, env: process.env, cacheDir, say() {} });
  const program = join(folder, 'mongod');
  const isBroken = join(folder, 'no-space');
  const script = `[ -e '${isBroken}' ] && { echo 'No space left on device'; exit 14; }\nexec '${mongod.path}' "$@"`;
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return {
    program,
    break: () => writeFileSync(isBroken, ''),
    mend: () => rmSync(isBroken),
  };
}

const killMongod = ({ dataDir }: Started) =>
  process.kill((JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number }).pid, 'SIGKILL');

async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(100);
}

async function healthOf({ issuer }: Started) {
  const reply = await fetch(`${issuer}/healthz`);
  return { status: reply.status, body: await reply.json() };
}

describe('an embedded database that cannot be started again', () => {
  it.each(['1', '2'])(
    'is restarted until that works, and /healthz fails until then, with %s worker(s)',
    async (workers) => {
      const database = await brokenAtWill();
      const cohort = await startProcess({ MONGOD_BINARY: database.program, COHORT_WORKERS: workers });
      try {
        const link = /open (http:\S+\/setup\/\S+)/.exec(cohort.output())![1]!;
        database.break();
        killMongod(cohort);
        await until(async () => (await healthOf(cohort)).status !== 200);
        expect(await healthOf(cohort)).toEqual({ status: 503, body: { status: 'failed', database: 'lost' } });
        expect((await fetch(`${cohort.issuer}/readyz`)).status).toBe(503);
        const complaint = /could not be restarted, will keep trying: .*No space left on device/g;
        expect(cohort.output().match(complaint)).toHaveLength(1);

        database.mend();
        await until(async () => (await healthOf(cohort)).status === 200);
        await until(async () => (await fetch(`${cohort.issuer}/readyz`)).status === 200);
        const password = 'Cohort#2026';
        const body = new URLSearchParams({ email: 'olive@example.com', password, password_again: password });
        expect((await fetch(link, { method: 'POST', body })).status).toBe(200);
        expect(cohort.output()).toContain('The database server is running again.');
      } finally {
        expect(await cohort.stop()).toBe(0);
      }
    },
    120_000,
  );

  it('keeps nobody from stopping Cohort', async () => {
    const database = await brokenAtWill();
    const cohort = await startProcess({ MONGOD_BINARY: database.program });
    database.break();
    killMongod(cohort);
    await until(async () => cohort.output().includes('could not be restarted'));
    expect(await cohort.stop()).toBe(0);
  });
});
