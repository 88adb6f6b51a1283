import { readdirSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';

/** From the ground up: a folder imports from its own layer and from the layers below it. */
const LAYERS: Record<string, string[]> = {
  config: [''],
  platform: ['', 'branding', 'db', 'http', 'i18n', 'jobs', 'leases', 'mail', 'tasks'],
  directory: [
    '',
    'application-access',
    'end-notices',
    'application-logos',
    'applications',
    'audit',
    'groups',
    'memberships',
    'roles',
    'users',
  ],
  authentication: [
    'credentials',
    'invitations',
    'known-devices',
    'mfa',
    'password-reset',
    'registration',
    'user-creation',
  ],
  oidc: [
    'ciba',
    'claim-changes',
    'claims',
    'claims-preview',
    'consent',
    'keys',
    'logout',
    'provider',
    'residual-access',
    'sessions',
    'shared-signals',
    'sign-in',
  ],
  administration: [
    'admin-api',
    'admin-roles',
    'bootstrap',
    'bulk-actions',
    'console',
    'import-export',
    'settings',
    'statistics',
    'webhooks',
  ],
  'my-account': [''],
  app: [''],
  cli: [''],
  demo: [''],
};

const HEIGHTS: Record<string, number> = {
  config: 0,
  platform: 1,
  directory: 2,
  authentication: 3,
  oidc: 4,
  administration: 5,
  'my-account': 5,
  app: 6,
  cli: 7,
  demo: 7,
  'main.js': 7,
};

/** They name what modules contribute by its type. */
const CONTRACT = ['src/platform/module.ts', 'src/directory/module.ts'];

const root = join(import.meta.dirname, '..');
const files = ['src', 'config'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.[jt]s$/.test(name))
    .map((name) => join(folder, name)),
);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

const imports: Import[] = files.flatMap((file) => {
  const found = [
    ...read(file).matchAll(/^(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)';/gm),
    ...read(file).matchAll(/^import ()'([^']+)';/gm),
    ...read(file).matchAll(/import\(()'([^']+)'\)/g),
  ];
  return found.map(([, type, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
    isType: Boolean(type),
  }));
});
const offenders = (isWrong: (i: Import) => boolean) =>
  imports.filter(isWrong).map(({ from, to }) => `${from} imports ${to}`);

const layerOf = (file: string) => file.split('/')[file.startsWith('src/') ? 1 : 0]!;
const isIn = (file: string, folder: string) => file.startsWith(`src/${folder}/`);

/** `src/oidc/consent/consent.ts` is in the layer `oidc` and the folder `consent`. */
function folderOf(file: string): string {
  const path = file.startsWith('src/') ? file.slice('src/'.length) : file;
  return dirname(path).split('/')[1] ?? '';
}

/** Each cycle of files once, named from the file at which it was met. */
function findCycles(): string[] {
  const targets = Map.groupBy(imports, ({ from }) => from);
  const done = new Set<string>();
  const cycles: string[] = [];
  const walk = (file: string, path: string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) cycles.push([...path.slice(start), file].join(' → '));
    if (start >= 0 || done.has(file)) return;
    for (const { to } of targets.get(file) ?? []) walk(to, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  return cycles;
}

describe('the structure', () => {
  it('is read at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
  });

  it('has no folder that is not named here', () => {
    const isKnown = (file: string) => file === 'src/main.js' || LAYERS[layerOf(file)]?.includes(folderOf(file));
    expect(files.filter((file) => !isKnown(file))).toEqual([]);
  });

  it('is imported downwards only', () => {
    const isUpward = ({ from, to }: Import) =>
      /^(src|config)\//.test(to) && HEIGHTS[layerOf(to)]! > (HEIGHTS[layerOf(from)] ?? Infinity);
    expect(offenders(isUpward)).toEqual([]);
  });

  it('has a contract between modules and app that holds no code', () => {
    expect(offenders(({ from, to, isType }) => [from, to].some((file) => CONTRACT.includes(file)) && !isType)).toEqual(
      [],
    );
  });

  it('has no cycle', () => {
    expect(findCycles()).toEqual([]);
  });

  it('lets only .mongo.ts files import mongoose', () => {
    expect(offenders(({ from, to }) => /^(mongoose|mongodb)$/.test(to) && !from.endsWith('.mongo.ts'))).toEqual([]);
  });

  it('lets only endpoints, pages, modules and what serves them import platform/http/', () => {
    const mayServe = (file: string) =>
      /\.(api|pages)\.ts$|\/module\.ts$|\/authorization\.ts$/.test(file) ||
      ['platform', 'oidc', 'app', 'cli', 'demo', 'main.js'].includes(layerOf(file)) ||
      isIn(file, 'administration/admin-api') ||
      isIn(file, 'administration/console');
    expect(
      offenders(
        ({ from, to, isType }) => isIn(to, 'platform/http') && !mayServe(from) && !(isType && to.endsWith('/log.ts')),
      ),
    ).toEqual([]);
  });

  it('imports of a package only what the package exports', () => {
    const isPrivate = ({ to }: Import) => {
      const [, name = '', rest] = /^((?:@[^/]+\/)?[^./@][^/]*)(\/.+)?$/.exec(to) ?? [];
      if (!rest || /^(src|config)$/.test(name) || isBuiltin(to)) return false;
      // Without `exports`, every file of a package can be imported, and its maintainers promise none of them.
      const { exports } = JSON.parse(read(`node_modules/${name}/package.json`)) as { exports?: object };
      return exports === undefined;
    };
    expect(offenders(isPrivate)).toEqual([]);
  });

  it('lets only oidc/ import oidc-provider', () => {
    expect(offenders(({ from, to }) => to === 'oidc-provider' && layerOf(from) !== 'oidc')).toEqual([]);
  });

  it('reads the environment in config/ only', () => {
    expect(files.filter((file) => /process\.env\b/.test(read(file)))).toEqual(['config/environment.js']);
  });

  it('lets only memberships/ and what stores or moves whole users read stored memberships', () => {
    const mayRead = (file: string) =>
      isIn(file, 'directory/memberships') ||
      ['user.ts', 'user-document.mongo.ts', 'creation.ts'].some((name) => file === `src/directory/users/${name}`) ||
      /^src\/administration\/import-export\/(user-row|user-rows|membership-row|past-memberships)\.ts$/.test(file);
    const reads = /'\$?memberships\.group'|\bmemberships\??\.(map|flatMap|filter|some|every|find)\(/;
    expect(files.filter((file) => reads.test(read(file)) && !mayRead(file))).toEqual([]);
  });

  it('keeps Koa to platform/http/, oidc/ and what plugs them together', () => {
    const mayKnow = (file: string) =>
      isIn(file, 'platform/http') ||
      ['oidc', 'demo'].includes(layerOf(file)) ||
      ['src/app/server.ts', 'src/platform/module.ts'].includes(file);
    expect(offenders(({ from, to }) => /^(koa|@koa\/.*|koa-compose)$/.test(to) && !mayKnow(from))).toEqual([]);
  });

  it('has a module.ts in every feature, which opens with what the feature owns and must not touch', () => {
    const features = ['directory', 'authentication', 'oidc', 'administration'].flatMap((layer) =>
      LAYERS[layer]!.filter(Boolean).map((folder) => `${layer}/${folder}`),
    );
    for (const feature of [...features, 'my-account']) {
      expect({ feature, text: read(`src/${feature}/module.ts`) }).toEqual({
        feature,
        text: expect.stringMatching(/^\/\*\*\n \* Owns [\s\S]*? \* Must not touch: /),
      });
    }
  });

  it('keeps files short enough to be read at once', () => {
    expect(files.filter((file) => read(file).split('\n').length > 260)).toEqual([]);
  });
});
