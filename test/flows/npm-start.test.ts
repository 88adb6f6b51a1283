import { accessSync, chownSync, constants, existsSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf, startBy } from '../support/npm.ts';
import { newFolder, root, run } from '../support/process.ts';

const NOBODY = 65534;

describe('npm start', () => {
  // `npm-start.exhaustive.test.ts` ends it in other ways.
  it('ends in good order, with its database, before npm does, when npm is told to end', async () => {
    const { child, gone, isOver } = await startBy('npm', ['start']);
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect(await isOver()).toBe(true);
  });
});

describe('npx cohort', () => {
  it('runs for a user who owns neither the source nor a cache of npm', async () => {
    const home = newFolder();
    const other = process.getuid?.() === 0 && isReadableByOthers(root) ? { uid: NOBODY, gid: NOBODY } : {};
    if (other.uid) chownSync(home, NOBODY, NOBODY);
    const env = environmentOf({ HOME: home, npm_config_cache: join(home, '.npm') });
    const { stdout } = await run('npx', ['cohort', '--version'], { cwd: root, env, ...other });
    expect(stdout.trim()).toMatch(/^\d+\.\d+\.\d+$/);
    // npx links what it installs and makes it executable, which only the owner of the source may.
    expect(existsSync(join(home, '.npm', '_npx'))).toBe(false);
  });

  function isReadableByOthers(folder: string): boolean {
    try {
      process.seteuid!(NOBODY);
      accessSync(join(folder, 'src', 'cli', 'cohort.ts'), constants.R_OK);
      return true;
    } catch {
      return false;
    } finally {
      process.seteuid!(0);
    }
  }
});
