import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const files = ['src', 'config'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name)),
);

interface Import {
  from: string;
  to: string;
  isType: boolean;
}

const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const found = [
    ...text.matchAll(/^(?:import|export)\s+(type\s+)?[^;'"]*?from\s+'([^']+)';/gm),
    ...text.matchAll(/^import ()'([^']+)';/gm),
    ...text.matchAll(/import\(()'([^']+)'\)/g),
  ];
  return found.map(([, type, target = '']) => ({
    from: file,
    to: target.startsWith('.') ? relative(root, resolve(root, dirname(file), target)) : target,
    isType: Boolean(type),
  }));
});

const roomOf = (file: string) =>
  file.startsWith('src/') ? (file.split('/').length > 2 ? file.split('/')[1]! : file) : 'config';
const offenders = (isWrong: (i: Import) => boolean) =>
  imports.filter(isWrong).map(({ from, to }) => `${from} imports ${to}`);

describe('the house', () => {
  it('is read at all', () => {
    expect(files.length).toBeGreaterThan(50);
    expect(imports.length).toBeGreaterThan(200);
  });

  it('lets only .mongo.ts files import mongoose', () => {
    expect(offenders(({ from, to }) => /^(mongoose|mongodb)$/.test(to) && !from.endsWith('.mongo.ts'))).toEqual([]);
  });

  it('lets only the edges import http/', () => {
    const isEdge = (file: string) =>
      /\.(api|pages)\.ts$/.test(file) ||
      /\/room\.ts$/.test(file) ||
      ['http', 'oidc', 'admin-api', 'cli', 'demo'].includes(roomOf(file)) ||
      /^src\/[\w-]+\.ts$/.test(file);
    const isLog = (to: string) => to === 'src/platform/http/log.ts';
    expect(
      offenders(({ from, to, isType }) => to.startsWith('src/http/') && !isEdge(from) && !(isType && isLog(to))),
    ).toEqual([]);
  });

  it('lets only oidc/ import oidc-provider', () => {
    expect(offenders(({ from, to }) => to === 'oidc-provider' && roomOf(from) !== 'oidc')).toEqual([]);
  });

  it('reads the environment in config/ only', () => {
    const readers = files.filter((file) => /process\.env\b/.test(readFileSync(join(root, file), 'utf8')));
    expect(readers).toEqual(['config/load.ts']);
  });

  it('keeps Koa out of everything but http/, oidc/ and what plugs them together', () => {
    const mayKnow = (file: string) =>
      ['http', 'oidc', 'demo'].includes(roomOf(file)) || file === 'src/app/app.ts' || file === 'src/app/extension-points.ts';
    expect(offenders(({ from, to }) => /^(koa|@koa\/.*|koa-compose)$/.test(to) && !mayKnow(from))).toEqual([]);
  });

  it('builds upwards only', () => {
    const floors: Record<string, number> = {
      base: 0,
      config: 0,
      db: 1,
      http: 1,
      chores: 1,
      users: 2,
      groups: 2,
      roles: 2,
      applications: 2,
      audit: 2,
      memberships: 3,
      credentials: 3,
      'first-run': 4,
      oidc: 4,
      'admin-api': 4,
      cli: 6,
      demo: 6,
    };
    const isFrame = (file: string) =>
      /^src\/(app|edges|ways-in|long-work|stores|version|plumbing|renewal|main|workers|process-setup|stop-signals)\.ts$/.test(
        file,
      );
    // A room that is not named above is a feature: it may use what is below, and only app.ts may use it.
    const floorOf = (file: string) => floors[roomOf(file)] ?? (isFrame(file) ? 5 : 4);
    // The sockets name the rooms' types and nothing else; they hold no code.
    const isSocket = (file: string) => file === 'src/module.ts';
    const upward = ({ from, to }: Import) => {
      if (isSocket(from) || isSocket(to) || !to.startsWith('src/')) return false;
      return floorOf(to) > floorOf(from);
    };
    expect(offenders(upward)).toEqual([]);
    expect(imports.filter(({ from, isType }) => isSocket(from) && !isType)).toEqual([]);
  });

  it('gives every room a room.ts that opens with what the room owns and must not touch', () => {
    const rooms = new Set(
      files
        .filter((file) => file.startsWith('src/'))
        .map(roomOf)
        .filter((room) => !room.endsWith('.ts')),
    );
    for (const room of ['base', 'db', 'http', 'chores', 'cli', 'demo']) rooms.delete(room);
    for (const room of rooms) {
      const text = readFileSync(join(root, 'src', room, 'room.ts'), 'utf8');
      expect(text).toMatch(/^\/\*\*\n \* Owns [\s\S]*? \* Must not touch: /);
    }
  });

  it('keeps files short enough to be read at once', () => {
    const long = files.filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 260);
    expect(long).toEqual([]);
  });
});
