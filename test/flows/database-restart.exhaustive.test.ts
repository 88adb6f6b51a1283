import { brokenAtWill } from '../support/broken-database.ts';
import { mongodOf, setupLinkOf, startProcess, until, type Started } from '../support/process.ts';

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
        const link = setupLinkOf(cohort);
        database.break();
        process.kill(mongodOf(cohort.dataDir), 'SIGKILL');
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
  );
});
