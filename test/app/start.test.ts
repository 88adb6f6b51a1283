import { databaseUri, dropDatabase } from '../support/database.ts';
import { newFolder, root, run, startProcess } from '../support/process.ts';

/** What few requests need, and most nodes never do. */
const LOADED_WHEN_NEEDED = [
  '@simplewebauthn/server',
  '@zxcvbn-ts/language-common',
  'colorjs.io',
  'nodemailer',
  'tar',
  'undici',
  'yauzl',
];

/** Prints at the end which packages the process has loaded, and whether Node's parser of TypeScript is among its own modules. */
const RECORDER = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const [, name] = /\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(found.url) ?? [];
      if (name) packages.add(name);
      return found;
    },
  });
  process.on('exit', () => {
    const parsesTypeScript = process.moduleLoadList.some((name) => name.includes('amaro'));
    console.log('Loaded: ' + JSON.stringify({ packages: [...packages], parsesTypeScript }));
  });
`;

describe('a start', () => {
  const uri = databaseUri();
  const cacheDir = newFolder();

  async function loadedByStart(): Promise<{ packages: string[]; parsesTypeScript: boolean }> {
    const started = await startProcess({
      MONGODB_URI: uri,
      COHORT_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32).toString('base64')}`,
      COHORT_CACHE_DIR: cacheDir,
      // What the tests themselves set comes before our own folder.
      NODE_COMPILE_CACHE: '',
      NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(RECORDER)}`,
    });
    expect(await started.stop()).toBe(0);
    const [, loaded = ''] = /^Loaded: (.+)$/m.exec(started.output()) ?? [];
    return JSON.parse(loaded) as { packages: string[]; parsesTypeScript: boolean };
  }

  afterAll(() => dropDatabase(uri));

  it('loads no package that few requests need', async () => {
    const { packages } = await loadedByStart();
    expect(packages).toEqual(expect.arrayContaining(['koa', 'mongoose', 'oidc-provider', 'zod']));
    expect(packages.filter((name) => LOADED_WHEN_NEEDED.includes(name))).toEqual([]);
  });

  it('parses no TypeScript again', async () => {
    expect(await loadedByStart()).toMatchObject({ parsesTypeScript: false });
  });

  it('is refused with a sentence by an older Node', async () => {
    const older = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
    const started = run(process.execPath, [`--import=data:text/javascript,${older}`, 'src/main.js'], { cwd: root });
    await expect(started).rejects.toMatchObject({
      code: 1,
      stderr: /^Cohort needs Node\.js 24 or later, and this is .+\n$/,
    });
  });
});
