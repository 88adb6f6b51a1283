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
    ['goes on', 'await new Promise((resolve) => setTimeout(resolve, 10));'],
    ['has nothing more to do', ''],
    ['ends itself', 'process.exit(1);'],
    ['fails', 'throw new Error("unexpected");'],
  ])('are all written, in their order, when the process %s', (_what, next) => {
    expect(linesOf(next)).toEqual(all);
  });

  it('are written together that come in one turn of the event loop', () => {
    const counting = `
      const { write } = process.stdout;
      let writes = 0;
      process.stdout.write = function (...args) { writes += 1; return write.apply(this, args); };
      setTimeout(() => { process.stdout.write = write; log.info({ line: writes }, 'counted'); }, 10);`;
    expect(linesOf(counting).at(-1)).toBe('1');
  });
});
