import { startBy } from '../support/npm.ts';
import { run, until } from '../support/process.ts';

describe('npm start', () => {
  it('ends with all of its workers', async () => {
    const { child, gone, isOver } = await startBy('npm', ['start'], { COHORT_WORKERS: '2' });
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect(await isOver()).toBe(true);
  });

  it('ends in good order at Ctrl-C, which the terminal sends to everybody and npm passes on', async () => {
    const { child, gone, issuer, isOver } = await startBy('npm', ['start']);
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(child.pid)]);
    process.kill(Number(stdout), 'SIGINT');
    child.kill('SIGINT');
    expect(await gone).toBe(0);
    expect(await isOver()).toBe(true);
    await expect(fetch(issuer)).rejects.toThrow();
  });

  it('ends when npm is killed', async () => {
    const { child, gone, isOver } = await startBy('npm', ['start']);
    child.kill('SIGKILL');
    expect(await gone).toBe('SIGKILL');
    await until(isOver);
  });
});

describe('npx cohort', () => {
  it('ends what it has started when it is told to end', async () => {
    const { child, gone, isOver } = await startBy('npx', ['cohort', 'start']);
    child.kill('SIGTERM');
    await gone;
    await until(isOver);
  });
});
