import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { environmentOf } from '../support/npm.ts';
import { newFolder, root, run } from '../support/process.ts';

describe('compiled code', () => {
  const versionWith = async (cacheDir: string) => {
    // What the tests themselves set comes before our own folder.
    const { NODE_COMPILE_CACHE: _ofTests, ...env } = environmentOf({ COHORT_CACHE_DIR: cacheDir });
    const { stdout } = await run(process.execPath, ['src/cli/cohort.ts', '--version'], { cwd: root, env });
    return stdout.trim();
  };

  it('is kept in the cache folder for the next start', async () => {
    const folder = newFolder();
    await versionWith(folder);
    const [kept] = readdirSync(join(folder, 'code'));
    expect(readdirSync(join(folder, 'code', kept!)).length).toBeGreaterThan(100);
  });

  it('is not needed, and not kept where the folder cannot be written', async () => {
    expect(await versionWith('/dev/null/none')).toMatch(/^\d+\.\d+\.\d+$/);
  });
});
