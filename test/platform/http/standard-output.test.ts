import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const LOG = join(import.meta.dirname, '..', '..', '..', 'src', 'platform', 'http', 'log.ts');

/** What a process writes that logs some lines and then does this. */
function linesOf(next: string): string[] {
  const script = `
    import { createLog } from ${JSON.stringify(LOG)};
    const log = createLog('info');
    for (let line = 0; line < 1000; line += 1) log.info({ line }, 'logged');
    ${next}`;
  const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => String((JSON.parse(line) as { line: number }).line));
}

describe('log lines', () => {
  const all = Array.from({ length: 1000 }, (_, line) => String(line));

  it.each([
    ['goes on', 'await new Promise((resolve) => setTimeout(resolve, 50));'],
    ['has nothing more to do', ''],
    ['ends itself', 'process.exit(1);'],
    ['fails', 'throw new Error("unexpected");'],
  ])('are all written, in their order, when the process %s', (_what, next) => {
    expect(linesOf(next)).toEqual(all);
  });

  it('are written together that come within some milliseconds', () => {
    const counting = `
      await new Promise((resolve) => setTimeout(resolve, 50));
      const { write } = process.stdout;
      let writes = 0;
      process.stdout.write = function (...args) { writes += 1; return write.apply(this, args); };
      log.info({ line: 1000 }, 'logged');
      setImmediate(() => log.info({ line: 1001 }, 'logged in a later turn of the event loop'));
      setTimeout(() => { process.stdout.write = write; log.info({ line: writes }, 'counted'); }, 50);`;
    expect(linesOf(counting).slice(-3)).toEqual(['1000', '1001', '1']);
  });

  it('say when they were logged', () => {
    const script = `
      import { createLog } from ${JSON.stringify(LOG)};
      const log = createLog('info');
      for (let line = 0; line < 3; line += 1) {
        log.info({ after: Date.now() }, 'logged');
        await new Promise((resolve) => setTimeout(resolve, 5));
      }`;
    const { stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      const { time, after } = JSON.parse(line) as { time: string; after: number };
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Date.parse(time) - after).toBeGreaterThanOrEqual(0);
      expect(Date.parse(time) - after).toBeLessThan(5);
    }
  });
});
