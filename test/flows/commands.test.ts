import { execFile, spawn } from 'node:child_process';
import {
  accessSync,
  constants,
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { freePort } from '../../src/platform/free-port.ts';
import { loadSealingKeys } from '../../src/platform/db/encryption-keys.ts';
import { startProcess } from '../support/process.ts';

const run = promisify(execFile);
const root = join(import.meta.dirname, '..', '..');
const NOBODY = 65534;

const newFolder = () => mkdtempSync(join(tmpdir(), 'cohort-command-'));

/** Runs a command as a user types it, without what the npm that runs the tests has put into the environment. */
function environmentOf(settings: Record<string, string>): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^npm_|^MONGODB_URI$/i.test(name));
  return { ...Object.fromEntries(own), npm_config_update_notifier: 'false', ...settings };
}

/** Starts Cohort by a command, and resolves when it serves. */
async function startBy(program: string, args: string[], settings: Record<string, string> = {}) {
  const [port, dataDir] = [await freePort(), newFolder()];
  const issuer = `http://localhost:${port}`;
  const own = { COHORT_ISSUER: issuer, COHORT_PORT: String(port), COHORT_DATA_DIR: dataDir, COHORT_LOG_LEVEL: 'warn' };
  const child = spawn(program, args, { cwd: root, env: environmentOf({ ...own, ...settings }) });
  const gone = new Promise<number | string | null>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? signal)),
  );
  let output = '';
  const served = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      output += chunk.toString();
      if (output.includes('Listening on')) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    void gone.then((end) => reject(new Error(`It ended with ${end}: ${output}`)));
  });
  await served;
  const { pid: mongod } = JSON.parse(readFileSync(join(dataDir, 'mongod.json'), 'utf8')) as { pid: number };
  return { child, gone, port, issuer, mongod, output: () => output };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isSo())) await pause(50);
}

describe('npm start', () => {
  it('ends in good order, with its database, before npm does, when npm is told to end', async () => {
    const { child, gone, port, mongod } = await startBy('npm', ['start']);
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect([await isFree(port), isAlive(mongod)]).toEqual([true, false]);
  });

  it('ends with all of its workers', async () => {
    const { child, gone, port, mongod } = await startBy('npm', ['start'], { COHORT_WORKERS: '2' });
    child.kill('SIGTERM');
    expect(await gone).toBe(0);
    expect([await isFree(port), isAlive(mongod)]).toEqual([true, false]);
  });

  it('ends in good order at Ctrl-C, which the terminal sends to everybody and npm passes on', async () => {
    const { child, gone, port, mongod, issuer } = await startBy('npm', ['start']);
    const { stdout } = await run('ps', ['-o', 'pid=', '--ppid', String(child.pid)]);
    process.kill(Number(stdout), 'SIGINT');
    child.kill('SIGINT');
    expect(await gone).toBe(0);
    expect([await isFree(port), isAlive(mongod)]).toEqual([true, false]);
    await expect(fetch(issuer)).rejects.toThrow();
  });

  it('ends when npm is killed', async () => {
    const { child, gone, port, mongod } = await startBy('npm', ['start']);
    child.kill('SIGKILL');
    expect(await gone).toBe('SIGKILL');
    await until(async () => (await isFree(port)) && !isAlive(mongod));
  });
});

describe('npx cohort', () => {
  it('ends what it has started when it is told to end', async () => {
    const { child, gone, port, mongod } = await startBy('npx', ['cohort', 'start']);
    child.kill('SIGTERM');
    await gone;
    await until(async () => (await isFree(port)) && !isAlive(mongod));
  });

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

describe('a start without the encryption key', () => {
  it('is refused next to existing data, in a sentence, and makes nothing', async () => {
    const cohort = await startProcess();
    await cohort.stop();
    const { dataDir } = cohort;
    const key = join(dataDir, 'encryption.key');
    renameSync(key, join(dataDir, 'kept'));
    const before = readdirSync(dataDir, { recursive: true }).sort();
    const env = environmentOf({ COHORT_DATA_DIR: dataDir, COHORT_PORT: String(await freePort()) });
    for (const args of [['src/main.ts'], ['src/cli/cohort.ts', 'keys', 'list']]) {
      const refused = (await run(process.execPath, args, { cwd: root, env }).catch((error: unknown) => error)) as {
        code: number;
        stderr: string;
      };
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`The encryption key ${key} is missing`);
      expect(refused.stderr).not.toContain('    at ');
      expect(readdirSync(dataDir, { recursive: true }).sort()).toEqual(before);
    }
    renameSync(join(dataDir, 'kept'), key);
    const again = await startProcess({}, dataDir);
    expect(again.output()).toContain('Listening on');
    await again.stop();
  });

  it('is refused in a sentence when a configured key is not the one that the data were encrypted with', async () => {
    const cohort = await startProcess();
    await cohort.stop();
    const env = environmentOf({
      COHORT_DATA_DIR: cohort.dataDir,
      COHORT_ENCRYPTION_KEYS: `k1:${Buffer.alloc(32, 1).toString('base64')}`,
      COHORT_PORT: String(await freePort()),
    });
    const refused = (await run(process.execPath, ['src/main.ts'], { cwd: root, env }).catch(
      (error: unknown) => error,
    )) as { code: number; stderr: string };
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("encrypted with the key 'local', which is not configured");
    expect(refused.stderr).not.toContain('    at ');
  });

  it('makes one key for two first starts at once', async () => {
    const dataDir = newFolder();
    const loaded = await Promise.all(Array.from({ length: 4 }, () => loadSealingKeys(undefined, dataDir)));
    expect(new Set(loaded.map(([only]) => only?.key.toString('base64'))).size).toBe(1);
    expect(readdirSync(dataDir)).toEqual(['encryption.key']);
  });
});
