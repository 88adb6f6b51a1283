import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { databaseUri, dropDatabase } from '../../support/database.ts';
import { newFolder } from '../../support/process.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');

const EMBEDDED = 'src/platform/db/embedded';

/** The packages that a folder's files import, whether at their head or where they are needed. */
function packagesOf(folder: string): string[] {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const sources = files.map((name) => ({ name: join(folder, name), text: read(join(folder, name)) }));
  const found = sources
    .filter(({ name }) => folder === EMBEDDED || !name.startsWith(EMBEDDED))
    .flatMap(({ text }) => [...text.matchAll(/(?:from|import\()\s*'([^'.][^']*)'/g)].map(([, name = '']) => name));
  return [...new Set(found)].filter((name) => !isBuiltin(name));
}

/** Runs a command of Cohort in a process in which the embedded server and its packages do not exist. */
async function runWithout(args: string[], environment: Record<string, string>) {
  const missing = [`/${EMBEDDED}/`, ...optional.map((name) => `/node_modules/${name}/`)];
  const hooks = `
    import { registerHooks } from 'node:module';
    const resolve = (specifier, context, next) => {
      const found = next(specifier, context);
      if (!${JSON.stringify(missing)}.some((part) => found.url.includes(part))) return found;
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

const { optionalDependencies } = JSON.parse(read('package.json')) as { optionalDependencies: Record<string, string> };
const optional = Object.keys(optionalDependencies);

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
    expect(read('Dockerfile')).toMatch(/^RUN npm ci --omit=dev --omit=optional /m);
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

  it('lacks no package but those of the embedded server', () => {
    expect(packagesOf(EMBEDDED).filter((name) => !optional.includes(name))).toEqual(['mongoose']);
    expect(packagesOf('src').filter((name) => optional.includes(name))).toEqual([]);
  });
});
