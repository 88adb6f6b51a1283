import { brokenAtWill } from '../support/broken-database.ts';
import { mongodOf, startProcess, until } from '../support/process.ts';

describe('an embedded database that cannot be started again', () => {
  it('keeps nobody from stopping Cohort', async () => {
    const database = await brokenAtWill();
    const cohort = await startProcess({ MONGOD_BINARY: database.program });
    database.break();
    process.kill(mongodOf(cohort.dataDir), 'SIGKILL');
    await until(async () => cohort.output().includes('could not be restarted'));
    expect(await cohort.stop()).toBe(0);
  });
});
