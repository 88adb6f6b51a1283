import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { databaseUri, dropDatabase } from '../../support/database.ts';
import { newFolder } from '../../support/process.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const EMBEDDED = 'src/platform/db/embedded';

/** Runs a command of Cohort in a process in which the embedded server does not exist. */
async function runWithout(args: string[], environment: Record<string, string>) {
  const hooks = `
    import { registerHooks } from 'node:module';
    const resolve = (specifier, context, next) => {
      const found = next(specifier, context);
      if (!found.url.includes('/${EMBEDDED}/')) return found;
      throw Object.assign(new Error('Cannot find module ' + found.url), { code: 'ERR_MODULE_NOT_FOUND' });
    };
    registerHooks({ resolve });
  `;
  const { MONGODB_URI: _set, ...outside } = process.env;
  return promisify(execFile)(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(hooks)}`, ...args],
    { cwd: root, env: { ...outside, COHORT_DATA_DIR: join(tmpdir(), 'cohort-without-embedded'), ...environment } },
  );
}

describe('an installation without the embedded MongoDB', () => {
  it('works on the database in MONGODB_URI', async () => {
    const uri = databaseUri();
    const environment = { MONGODB_URI: uri, COHORT_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}` };
    try {
      const { stdout } = await runWithout(['src/cli/cohort.ts', 'keys', 'list'], environment);
      expect(JSON.parse(stdout)).toContainEqual({ kid: expect.any(String), alg: 'RS256' });
    } finally {
      await dropDatabase(uri);
    }
  });

  it('says what it needs when there is no MONGODB_URI', async () => {
    const run = runWithout(['src/main.js'], {});
    await expect(run).rejects.toMatchObject({
      code: 1,
      stderr:
        'This installation contains no embedded MongoDB, which is for evaluation only: set MONGODB_URI to a replica set.\n',
    });
  });

  it('is what the image contains', () => {
    expect(read('.dockerignore').split('\n')).toContain(EMBEDDED);
  });

  it('has what was built for its machine, which npm counts among the optional packages', () => {
    expect(read('Dockerfile')).toMatch(/^RUN npm ci --omit=dev /m);
    expect(read('Dockerfile')).not.toContain('--omit=optional');
  });

  it('compiles all code when the image is built, in a start that ends by itself', async () => {
    const [, file = '', words = ''] =
      /^RUN COHORT_DATA_DIR=\S+ node (\S+) 2>&1 \| grep '(.+?)' /m.exec(read('Dockerfile')) ?? [];
    const cache = newFolder();
    const run = runWithout([file], { COHORT_CACHE_DIR: cache, NODE_COMPILE_CACHE: '' });
    await expect(run).rejects.toMatchObject({ stderr: expect.stringContaining(words) });
    const compiled = readdirSync(join(cache, 'code'), { recursive: true });
    expect(compiled.length).toBeGreaterThan(1000);
  });
});
