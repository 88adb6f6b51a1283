import { mkdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { birthOf, commandLineOf } from './processes.ts';

/** What Cohort notes about the server that it runs on a data folder, in `mongod.json`. */
export interface ServerRecord {
  pid: number;
  port: number;
  /** ISO 8601, for readers of the file */
  startedAt: string;
  /** whether the replica set takes writes yet */
  isReady: boolean;
  /** the process that started it and will stop it */
  owner: { pid: number; birth: string | undefined };
}

/** Who has the database files open. */
export type Holder =
  | { state: 'nobody'; pid: undefined }
  /** a server that has no record (yet) */
  | { state: 'unclaimed'; pid: number }
  | { state: 'starting'; pid: number }
  | { state: 'serving'; pid: number; port: number; ownerPid: number }
  /** a server whose owner died without stopping it */
  | { state: 'orphaned'; pid: number };

/** The folder with the database files, and the record and the log of the server that runs on them. */
export interface DataFolder {
  dbPath: string;
  logPath: string;
  holder: () => Promise<Holder>;
  /** Notes, atomically, that this process owns the server. */
  claim: (server: { pid: number; port: number; isReady: boolean }) => Promise<void>;
  /** Withdraws the record of that server, so that nobody joins one that is about to stop. */
  release: (pid: number) => Promise<void>;
}

/** Opens a data folder, making it for this user alone when there is none. */
export async function openDataFolder(dataDir: string): Promise<DataFolder> {
  await mkdir(join(dataDir, 'mongodb'), { recursive: true, mode: 0o700 });
  // Symbolic links are resolved because holders are recognised by this path in their command line.
  const folder = await realpath(dataDir);
  const dbPath = join(folder, 'mongodb');
  const recordPath = join(folder, 'mongod.json');

  async function holder(): Promise<Holder> {
    const pid = await pidInLock(dbPath);
    if (pid === undefined || !(await isMongodOn(pid, dbPath))) return { state: 'nobody', pid: undefined };
    const record = await readRecord(recordPath);
    if (record?.pid !== pid) return { state: 'unclaimed', pid };
    if (!(await isAlive(record.owner))) return { state: 'orphaned', pid };
    return record.isReady
      ? { state: 'serving', pid, port: record.port, ownerPid: record.owner.pid }
      : { state: 'starting', pid };
  }

  async function claim(server: { pid: number; port: number; isReady: boolean }): Promise<void> {
    const owner = { pid: process.pid, birth: await birthOf(process.pid) };
    const record: ServerRecord = { ...server, startedAt: new Date().toISOString(), owner };
    const draft = `${recordPath}.${process.pid}`;
    await writeFile(draft, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    await rename(draft, recordPath);
  }

  async function release(pid: number): Promise<void> {
    const record = await readRecord(recordPath);
    if (record?.pid === pid) await rm(recordPath, { force: true });
  }

  return { dbPath, logPath: join(folder, 'mongod.log'), holder, claim, release };
}

/** Whether a process is a server that Cohort started on these database files; asked before anything is done to it. */
export async function isMongodOn(pid: number, dbPath: string): Promise<boolean> {
  const commandLine = await commandLineOf(pid);
  return commandLine?.includes(` --dbpath ${dbPath} --port `) === true;
}

/** The server writes its process id into its lock file, and empties the file when it stops in good order. */
async function pidInLock(dbPath: string): Promise<number | undefined> {
  const text = await readFile(join(dbPath, 'mongod.lock'), 'utf8').catch(() => '');
  return Number.parseInt(text, 10) || undefined;
}

/** A record that cannot be read counts as none: the holder is then judged by its lock file alone. */
async function readRecord(path: string): Promise<ServerRecord | undefined> {
  try {
    // A cast, because only `claim` writes this file.
    return JSON.parse(await readFile(path, 'utf8')) as ServerRecord;
  } catch {
    return undefined;
  }
}

async function isAlive(owner: ServerRecord['owner']): Promise<boolean> {
  return owner.birth !== undefined && owner.birth === (await birthOf(owner.pid));
}
