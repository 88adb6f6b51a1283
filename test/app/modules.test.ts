import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createContributions } from '../../src/app/contributions.ts';
import { databaseUri, dropDatabase } from '../support/database.ts';

const root = join(import.meta.dirname, '..', '..');

describe('a module', () => {
  it('is a new folder and one statement in app.ts, with a store, an endpoint, a claim and a task', async () => {
    const copy = await mkdtemp(join(tmpdir(), 'cohort-module-'));
    const uri = databaseUri();
    try {
      for (const name of ['src', 'config', 'views', 'package.json'])
        await cp(join(root, name), join(copy, name), { recursive: true });
      await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
      await cp(join(root, 'test', 'app'), join(copy, 'test', 'app'), { recursive: true });
      const folder = join(copy, 'src', 'directory', 'badges');
      await cp(join(root, 'test', 'app', 'badges'), folder, { recursive: true });
      for (const name of await readdir(folder)) await replace(join(folder, name), /\.\.\/\.\.\/\.\.\/src\//g, '../../');
      const app = join(copy, 'src', 'app', 'app.ts');
      await replace(app, /^/, "import { createBadgesModule } from '../directory/badges/module.ts';\n");
      await replace(app, /(\n {2}const modules = collect)/, '\n  add(createBadgesModule(platform, { users }));$1');
      const { stdout } = await promisify(execFile)(process.execPath, ['test/app/try-badges.ts', uri], { cwd: copy });
      expect(JSON.parse(stdout)).toEqual({
        claims: { badge: 'Pilot' },
        scope: 'Give badges to users.',
        left: 0,
        isDocumented: true,
      });
    } finally {
      await rm(copy, { recursive: true });
      await dropDatabase(uri);
    }
  });

  it('contributes before anything is read, or not at all', () => {
    const { add, collect, contributions } = createContributions();
    const late = { service: 1, module: { name: 'late', scopes: { 'late:read': 'Read late.' } } };
    expect(() => contributions.scopes).toThrow('before all modules were added');
    expect(add({ service: 2, module: { name: 'early', scopes: { 'early:read': 'Read early.' } } })).toBe(2);
    collect();
    expect(contributions.scopes).toEqual({ 'early:read': 'Read early.' });
    expect(() => add(late)).toThrow('late was added after');
    expect(contributions.scopes).toEqual({ 'early:read': 'Read early.' });
  });

  it('that others ask for by a hook is exactly one', () => {
    const { add, collect, hooks } = createContributions();
    const of = (name: string) => ({ service: undefined, module: { name, signOutElsewhere: async () => {} } });
    add(of('one'));
    add(of('two'));
    collect();
    expect(() => hooks.signOutElsewhere({ userId: 'a', uid: 'b' })).toThrow('Exactly one module');
    expect(() => hooks.access.seeUser({} as never, 'a')).toThrow('Exactly one module');
  });
});

async function replace(file: string, pattern: RegExp, text: string): Promise<void> {
  await writeFile(file, (await readFile(file, 'utf8')).replace(pattern, text));
}
